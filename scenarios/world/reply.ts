/** What a service does about a request; how it looks on the wire is up to the transport. */
export type Reply =
  | { readonly kind: 'whole'; readonly response: Response }
  /** Headers and half of the body; then the connection ends, or nothing more comes. */
  | { readonly kind: 'half'; readonly response: Response; readonly ending: 'cut' | 'hang' }
  /** Headers, then the body piece by piece, with a pause before each. */
  | {
      readonly kind: 'slow';
      readonly response: Response;
      readonly pause: (signal: AbortSignal) => Promise<void>;
    }
  | { readonly kind: 'reset' }
  | { readonly kind: 'hang' };

/** The half of the body that still comes through, and the length that the headers promise. */
export async function halfOf(
  response: Response,
): Promise<{ half: Uint8Array; fullLength: number }> {
  const bytes = new Uint8Array(await response.arrayBuffer());
  return { half: bytes.subarray(0, bytes.length >> 1), fullLength: bytes.length };
}

export const PIECES = 10;

/** The body in `PIECES` pieces or, when it has fewer bytes, as many as it has. */
export async function piecesOf(response: Response): Promise<readonly Uint8Array[]> {
  const bytes = new Uint8Array(await response.arrayBuffer());
  const size = Math.max(1, Math.ceil(bytes.length / PIECES));
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );
}
