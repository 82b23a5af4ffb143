import { useRef } from 'preact/hooks';
import { closeFile, show } from '../opening.ts';
import { isConnected, moment, source } from '../store.ts';
import type { Overview } from '../types.ts';

function Standing({ seen }: { seen: Overview | null }) {
  if (moment.value !== null) return <span class="past">the past</span>;
  if (source.value.name !== 'live') return <span>file {source.value.name}</span>;
  if (!isConnected.value)
    return (
      <span class="bad" role="status">
        ■ no connection, trying again
      </span>
    );
  if (seen && !seen.canCommand) return <span>○ a journal, to look at</span>;
  return <span>{seen?.time ? '● live' : '○ no agent is running'}</span>;
}

/** For whoever can't drop one on the page. */
function OpenFile() {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" class="plain" onClick={() => input.current?.click()}>
        open a file
      </button>
      <input
        ref={input}
        type="file"
        accept=".jsonl,.gz"
        hidden
        onChange={({ currentTarget }) => {
          const file = currentTarget.files?.[0];
          currentTarget.value = '';
          if (file) void show(file);
        }}
      />
    </>
  );
}

/** What is looked at: an agent, a journal, a file or the past; and the way to another. */
export function Where({ seen }: { seen: Overview | null }) {
  return (
    <p class="where">
      <Standing seen={seen} />{' '}
      {source.value.name === 'live' ? (
        <OpenFile />
      ) : (
        <button type="button" class="plain" onClick={closeFile}>
          close it
        </button>
      )}
    </p>
  );
}
