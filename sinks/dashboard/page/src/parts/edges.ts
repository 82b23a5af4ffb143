/** An edge as the journal tells it. */
export interface Edge {
  readonly from: string;
  readonly to: string;
  readonly event: string;
}

/** One as it is drawn: `closed|request.failed|0`, and where to; empty where it stays anywhere. */
export interface DrawnEdge {
  readonly id: string;
  readonly to: string;
}

/**
 * Those that the record fits. It does not say which guard was passed, so there may be several; an
 * edge from every state is asked only where the state has none of its own.
 */
export function edgesThatFit<Drawn extends DrawnEdge>(
  drawn: readonly Drawn[],
  { from, to, event }: Edge,
): readonly Drawn[] {
  const fitting = [from, '*'].map((source) =>
    drawn.filter(
      (edge) =>
        edge.id.startsWith(`${source}|${event}|`) && (edge.to || (from === to ? to : '')) === to,
    ),
  );
  return fitting.find((edges) => edges.length > 0) ?? [];
}
