import { describe, expect, it } from 'vitest';
import type { Notice } from '../../../sinks/channels/channel.ts';
import { cut, cutAs, headlineOf, toneOf, upperFirst } from '../../../sinks/channels/words.ts';
import { raised, resolved } from './notices.ts';

describe('the first line', () => {
  it.each<[string, Partial<Notice>, string]>([
    ['says how bad it is', {}, 'Critical: It broke'],
    ['says that it is a warning', { severity: 'warning' }, 'Warning: It broke'],
    ['says that it is news', { kind: 'updated' }, 'Critical, update: It broke'],
    ['says that somebody looks', { kind: 'acknowledged' }, 'Critical, acknowledged: It broke'],
    ['of a digest says how bad the worst is', { kind: 'digest' }, 'Critical: It broke'],
    ['of a test is its title', { kind: 'test' }, 'It broke'],
  ])('%s', (_title, about, expected) => {
    expect(headlineOf({ ...raised, title: 'It broke', ...about })).toBe(expected);
  });

  it('of an end begins with Resolved, also when it is a digest of ends', () => {
    expect(headlineOf(resolved)).toMatch(/^Resolved/);
    const ends: Notice = { ...raised, kind: 'digest', title: 'Resolved: 3 alerts are over' };
    expect([headlineOf(ends), toneOf(ends)]).toEqual(['Resolved: 3 alerts are over', 'resolved']);
  });
});

describe('a title that stands alone', () => {
  it('begins with a capital, unless with an id or a name', () => {
    const titles = ['the breaker opened', 'call:0007 failed', 'gpt-4 fails', 'ElevenLabs is down'];
    expect(titles.map(upperFirst)).toEqual(['The breaker opened', ...titles.slice(1)]);
  });
});

describe('cutting', () => {
  const html = (character: string): string => (character === '<' ? '&lt;' : character);

  it('leaves alone what fits', () => {
    expect(cut('abc', 3)).toBe('abc');
    expect(cutAs('<<', 8, html)).toBe('&lt;&lt;');
  });

  it('makes an ellipsis part of what fits, and halves neither an escape nor a character', () => {
    expect(cut('abcd', 3)).toBe('ab…');
    expect(cutAs('<<<', 9, html)).toBe('&lt;&lt;…');
    expect(cutAs('<<<', 8, html)).toBe('&lt;…');
    expect(cut('a😀b', 3)).toBe('a…');
    expect(cut('abc', 0)).toBe('');
  });

  it('mends what was halved before', () => {
    expect(cut('a\uD83D', 9)).toBe('a\uFFFD');
  });
});
