/** Far more than any JSON that is asked for here. */
export const LONGEST_JSON_BYTES = 4 * 1024 * 1024;

/** An answer that goes on and on. It must not take this process with it. */
export class BodyTooLong extends Error {
  override readonly name = 'BodyTooLong';
}

/**
 * The whole body of an answer. One that is too long is given up, and its connection with it.
 * @throws BodyTooLong
 */
export async function readBody(
  response: Response,
  longestBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength;
    if (length > longestBytes) throw new BodyTooLong(`more than ${longestBytes} bytes`);
    chunks.push(chunk);
  }
  return joined(chunks, length);
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}
