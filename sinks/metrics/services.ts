/** Guards of one's own may be many; what a label can be must not be. */
const MOST_SERVICES = 50;

/** The way to a person is guarded like a provider, and none of the calls' business. */
const DELIVERY = 'channel:';

/** The service that a long-lived actor's id names; null for one that is not measured. */
export function serviceIn(actor: string): string | null {
  const service = actor.slice(actor.indexOf(':') + 1);
  return isMeasured(service) ? service : null;
}

export const isMeasured = (service: string): boolean => !service.startsWith(DELIVERY);

const OTHER = 'other';

/** Services by their own name as long as they are few, then as `other`. */
export class ServiceNames {
  readonly #known = new Set<string>();

  /** It has been given out before. */
  keep(label: unknown): void {
    if (typeof label === 'string' && label !== OTHER) this.#known.add(label);
  }

  label(service: string): string {
    if (this.#known.has(service)) return service;
    if (this.#known.size >= MOST_SERVICES) return OTHER;
    this.#known.add(service);
    return service;
  }
}
