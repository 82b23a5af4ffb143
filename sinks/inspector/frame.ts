/** A message of the inspector's protocol, as far as the relay looks into it. */
export interface Frame {
  readonly type: string;
  readonly sessionId?: unknown;
  readonly parentId?: unknown;
  readonly snapshot?: unknown;
}

/** @returns undefined when the text is no JSON object whose `type` starts with `@xstate.` */
export function parseFrame(text: string): Frame | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || !('type' in value)) return undefined;
  const { type } = value;
  if (typeof type !== 'string' || !type.startsWith('@xstate.')) return undefined;
  return value as Frame;
}

/** Done, failed or stopped, as far as the message tells. */
export function isFinished({ snapshot }: Frame): boolean {
  if (typeof snapshot !== 'object' || snapshot === null || !('status' in snapshot)) return false;
  return snapshot.status !== undefined && snapshot.status !== 'active';
}
