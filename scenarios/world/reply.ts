/** What a service does about a request; how it looks on the wire is up to the transport. */
export type Reply =
  | { readonly kind: 'whole'; readonly response: Response }
  /** Headers and half of the body; then the connection ends, or nothing more comes. */
  | { readonly kind: 'half'; readonly response: Response; readonly ending: 'cut' | 'hang' }
  | { readonly kind: 'reset' }
  | { readonly kind: 'hang' };

/** The half of the body that still comes through, and the length that the headers promise. */
export async function halfOf(
  response: Response,
): Promise<{ half: Uint8Array; fullLength: number }> {
  const bytes = new Uint8Array(await response.arrayBuffer());
  return { half: bytes.subarray(0, bytes.length >> 1), fullLength: bytes.length };
}
