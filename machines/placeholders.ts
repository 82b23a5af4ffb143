import { fromCallback, type EventObject } from 'xstate';

/** Wait until `dueAt` (epoch ms); null waits for nothing and never fires. */
export interface TimerInput {
  readonly dueAt: number | null;
}

const unprovided = (name: string) => (): never => {
  throw new Error(`The effect "${name}" was not provided.`);
};

/** Where the runtime puts the effect that a machine only names. */
export const effect = <Input>(name: string) =>
  fromCallback<EventObject, Input>(unprovided(name) as never);

export const timer = effect<TimerInput>('timer');
