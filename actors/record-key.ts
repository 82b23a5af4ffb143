import type { Ref } from '../machines/results.ts';

/**
 * The name of a call's record in the CRM: `call:0007.2@CA…`. Another data folder has a `call:0007`
 * as well, so the provider's own id of the call is a part of it.
 * @param root the call's root: `call:0007`, a further try `call:0007.2`
 * @param placed what telephony calls the call, where that is known
 */
export function recordKey(root: string, placed: Ref | null | undefined): string {
  const sid = placed?.['sid'];
  return typeof sid === 'string' ? `${root}@${sid}` : root;
}

/** The contact that a record is about: `0007`. */
export const contactOfKey = (key: string): string =>
  key.replace(/^call:/, '').replace(/(?:\.\d+)?(?:@.*)?$/, '');
