import { describe, expect, test } from 'vitest';
import { elevenLabsErrorBody } from '../../../scenarios/world/elevenlabs-errors.ts';
import { MP3_FRAME_BYTES, silentMp3 } from '../../../scenarios/world/silent-mp3.ts';
import { openWorld, speak, TRANSPORTS } from './support.ts';

describe.each(TRANSPORTS)('%s', (transport) => {
  test('speaks for as long as the text takes to read', async () => {
    const response = await speak(await openWorld(transport), 'x'.repeat(150));
    expect(response.headers.get('content-type')).toBe('audio/mpeg');
    const audio = new Uint8Array(await response.arrayBuffer());
    const frames = audio.length / MP3_FRAME_BYTES;
    expect((frames * 1152) / 44_100).toBeCloseTo(10, 1);
    for (let at = 0; at < audio.length; at += MP3_FRAME_BYTES) {
      expect([...audio.subarray(at, at + 4)]).toEqual([0xff, 0xfb, 0x90, 0x64]);
    }
  });

  test('shows the characters used in the subscription', async () => {
    const opened = await openWorld(transport);
    await speak(opened, '12345');
    const headers = { 'xi-api-key': 'key' };
    const { ElevenLabs } = opened.world.urls;
    const response = await opened.fetch(`${ElevenLabs}/v1/user/subscription`, { headers });
    expect(await response.json()).toMatchObject({ character_count: 5, status: 'active' });
    const models = await opened.fetch(`${ElevenLabs}/v1/models`, { headers });
    expect(await models.json()).toMatchObject([{ can_do_text_to_speech: true }]);
    expect(opened.world.counts.ElevenLabs).toEqual({ work: 1, health: 2, other: 0 });
  });

  test('refuses in the shapes of the provider', async () => {
    const opened = await openWorld(transport);
    const { ElevenLabs } = opened.world.urls;
    const noKey = await speak(opened, 'Hi', { headers: {} });
    expect(noKey.status).toBe(401);
    expect(await noKey.json()).toMatchObject({ detail: { status: 'invalid_api_key' } });
    const empty = await speak(opened, '');
    expect(empty.status).toBe(422);
    expect(await empty.json()).toMatchObject({ detail: [{ loc: ['body', 'text'] }] });
    const wrong = await opened.fetch(`${ElevenLabs}/v1/models`, { method: 'POST' });
    expect(await wrong.json()).toEqual({ detail: 'Method Not Allowed' });
  });
});

test('answers 401 quota_exceeded once the subscription is used up', async () => {
  const opened = await openWorld('in process', { characterLimit: 10 });
  expect((await speak(opened, '12345678')).status).toBe(200);
  const response = await speak(opened, '123');
  expect(response.status).toBe(401);
  expect(await response.json()).toMatchObject({ detail: { status: 'quota_exceeded' } });
});

test('refuses a character limit that is not one', async () => {
  await expect(openWorld('in process', { characterLimit: -1 })).rejects.toThrow(
    new RangeError('characterLimit must be a number of at least 0, got -1'),
  );
});

test('uses the code it is given', () => {
  expect(elevenLabsErrorBody(404, 'voice_not_found')).toMatchObject({
    detail: { status: 'voice_not_found' },
  });
  expect(elevenLabsErrorBody(500)).toMatchObject({ detail: { status: 'internal_server_error' } });
});

test('silence has at least one frame, and short silence stays right after a long one', () => {
  expect(silentMp3(0)).toHaveLength(MP3_FRAME_BYTES);
  silentMp3(60_000);
  expect(silentMp3(100)).toHaveLength(4 * MP3_FRAME_BYTES);
});
