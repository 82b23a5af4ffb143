/** What the instructions for a call have it do, in order. */
export type Verb =
  | { readonly say: string }
  /** An address of audio. */
  | { readonly play: string };

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
};

function unescaped(text: string): string {
  return text.replace(/&([^;&]*);?/g, (whole, name: string) => {
    const code = /^#(\d+)$/.exec(name)?.[1];
    const character = code === undefined ? ENTITIES[name] : String.fromCodePoint(Number(code));
    if (character === undefined || !whole.endsWith(';')) throw new Error(`bad entity ${whole}`);
    return character;
  });
}

/**
 * Reads the two verbs that are used here, as strictly as an XML parser would.
 * @throws Error when it is not well formed, or says something else
 */
export function parseTwiml(xml: string): Verb[] {
  const document = xml.replace(/^\s*<\?xml[^>]*\?>/, '').trim();
  if (document === '<Response/>') return [];
  const [, body] = /^<Response>(.*)<\/Response>$/s.exec(document) ?? [];
  if (body === undefined) throw new Error('not a Response');
  const verbs: Verb[] = [];
  const rest = body.replace(/<(Say|Play)>([^<>]*)<\/\1>/g, (_, verb: string, text: string) => {
    verbs.push(verb === 'Say' ? { say: unescaped(text) } : { play: unescaped(text).trim() });
    return '';
  });
  if (rest.trim() !== '') throw new Error(`not understood: ${rest.trim().slice(0, 40)}`);
  return verbs;
}
