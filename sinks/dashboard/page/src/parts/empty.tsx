import type { ComponentChildren } from 'preact';

/** Nothing to show, and what to do about it. */
export const Empty = ({ children }: { children: ComponentChildren }) => (
  <p class="empty">{children}</p>
);
