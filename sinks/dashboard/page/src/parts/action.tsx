import { useRef, useState } from 'preact/hooks';
import { command, moment, overview } from '../store.ts';
import type { Order } from '../types.ts';

interface Props {
  readonly label: string;
  /** What will happen, asked before it does. */
  readonly question: string;
  readonly what: Order;
  readonly isDangerous?: boolean;
}

/** A button that changes something: asked twice, carried out by the agent, written in its journal. */
export function Action({ label, question, what, isDangerous = false }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const isPossible = overview.value?.canCommand === true && moment.value === null;
  const why = moment.value === null ? 'A file can only be looked at' : 'This is the past';
  const carryOut = async (): Promise<void> => {
    const refused = await command(what);
    setProblem(refused);
    if (refused === null) dialog.current?.close();
  };
  return (
    <>
      <button
        type="button"
        class={isDangerous ? 'danger' : ''}
        disabled={!isPossible}
        title={isPossible ? undefined : why}
        onClick={() => dialog.current?.showModal()}
      >
        {label}
      </button>
      <dialog ref={dialog} aria-label={label} onClose={() => setProblem(null)}>
        <p>{question}</p>
        {problem && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
        <div class="row">
          <button
            type="button"
            class={isDangerous ? 'danger' : 'primary'}
            onClick={() => void carryOut()}
          >
            {label}
          </button>
          <button type="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
        </div>
      </dialog>
    </>
  );
}
