import path from 'node:path';
import { z } from 'zod';
import type { AnyActorRef } from 'xstate';
import type { CommandDesk } from '../runtime/commands.ts';
import { writeOffline } from '../runtime/offline.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { Artefacts } from '../store/artefacts.ts';
import { sweepRejected } from './contacts/rejected-csv.ts';
import { erasePerson, type Erasure } from './erasure.ts';

const schema = z.object({ who: z.string(), by: z.string() });

/** `contacts.erase`: see {@link erasePerson}. */
export function addErasureCommand(commands: CommandDesk, runtime: Runtime): void {
  const { dir, contacts, ledger, artefacts, roots, clock } = runtime;
  const stateOf = (ref: AnyActorRef | undefined): string | null =>
    ref ? String((ref.getSnapshot() as { value: unknown }).value) : null;
  commands.add('contacts.erase', schema, ({ who, by }) =>
    erasePerson(who, {
      dir,
      contacts,
      ledger,
      artefacts,
      callUnderWay: (root) => stateOf(roots.get(root)),
      note: (contact) =>
        roots.get('agent')?.send({ type: 'contact.erased', at: clock.now(), contact, by }),
    }),
  );
}

/** The provider may have been asked to ring: what came of that has to be found out first. */
const committed = new Set(['dialling', 'settling', 'lookingUp', 'inCall', 'following']);

/** See {@link erasePerson}. @throws LockedError when another process works on the folder */
export function eraseOffline(dataDir: string, who: string, by: string): Erasure {
  return writeOffline(dataDir, ({ dir, contacts, ledger, fold, feed, now }) => {
    sweepRejected(dir);
    contacts.sweep();
    return erasePerson(who, {
      dir,
      contacts,
      ledger,
      artefacts: new Artefacts(path.join(dir, 'artefacts')),
      callUnderWay: (root) => {
        const state = String(fold.snapshot(root)?.value);
        return committed.has(state) ? state : null;
      },
      note: (contact) => feed('agent', { type: 'contact.erased', at: now(), contact, by }),
    });
  });
}
