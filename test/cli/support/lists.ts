/** A list of that many contacts, each with a name and a number of its own. */
export function contactList(count: number): string {
  const row = (_: unknown, index: number): string => `${nameOf(index)},${numberOf(index)}\n`;
  return `name,phone\n${Array.from({ length: count }, row).join('')}`;
}

export const nameOf = (index: number): string => `Person${index}`;
export const numberOf = (index: number): string =>
  `+1415555${String(1000 + index).padStart(4, '0')}`;
