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

/** Gives an order once, and no second time before it has been answered. */
function useOrder(what: Order, onDone: () => void) {
  // A second click comes before the page is drawn again.
  const isUnderWay = useRef(false);
  const [isWaiting, setWaiting] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const carryOut = async (): Promise<void> => {
    if (isUnderWay.current) return;
    isUnderWay.current = true;
    setWaiting(true);
    const refused = await command(what);
    isUnderWay.current = false;
    setWaiting(false);
    setProblem(refused);
    if (refused === null) onDone();
  };
  return { carryOut, isWaiting, problem, forget: () => setProblem(null) };
}

/** A button that changes something: asked twice, carried out by the agent, written in its journal. */
export function Action({ label, question, what, isDangerous = false }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const close = (): void => dialog.current?.close();
  const { carryOut, isWaiting, problem, forget } = useOrder(what, close);
  const isPossible = overview.value?.canCommand === true && moment.value === null;
  const why = moment.value === null ? 'A file can only be looked at' : 'This is the past';
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
      <dialog ref={dialog} aria-label={label} onClose={forget}>
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
            disabled={isWaiting}
            onClick={() => void carryOut()}
          >
            {label}
          </button>
          <button type="button" onClick={close}>
            Cancel
          </button>
        </div>
      </dialog>
    </>
  );
}
