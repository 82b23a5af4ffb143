const HEADER_BYTES = 20;

/** How long the gzip member is that begins like this, as an archived journal's members tell. */
function lengthTold(head: DataView): number | null {
  if (head.byteLength < HEADER_BYTES || head.getUint16(10, true) !== 8) return null;
  // "CA", the subfield of `journal archive`.
  return head.getUint16(12) === 0x4341 ? head.getUint32(16, true) : null;
}

const isGzip = (head: DataView): boolean => head.byteLength > 2 && head.getUint16(0) === 0x1f8b;

async function* members(file: Blob): AsyncGenerator<Blob> {
  for (let at = 0; at < file.size;) {
    const head = new DataView(await file.slice(at, at + HEADER_BYTES).arrayBuffer());
    const length = lengthTold(head) ?? file.size - at;
    yield file.slice(at, at + length);
    at += Math.max(length, HEADER_BYTES);
  }
}

/**
 * What a journal file says, archived or not. A browser unpacks one gzip member at a time, and an
 * archived file is many.
 * @throws TypeError where it is damaged
 */
export async function textOf(file: Blob): Promise<string> {
  const head = new DataView(await file.slice(0, HEADER_BYTES).arrayBuffer());
  if (!isGzip(head)) return file.text();
  const parts: ArrayBuffer[] = [];
  for await (const member of members(file)) {
    const unpacked = member.stream().pipeThrough(new DecompressionStream('gzip'));
    parts.push(await new Response(unpacked).arrayBuffer());
  }
  return new Blob(parts).text();
}
