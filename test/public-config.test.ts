import { describe, expect, test } from 'vitest';
import { publicRulesOf, readConfig, voiceAdvice, voiceOf } from '../config.ts';

const read = (PUBLIC_BASE_URL: string) => readConfig({ PUBLIC_BASE_URL });

describe('PUBLIC_BASE_URL', () => {
  test.each([
    ['https://calls.example.com', 'https://calls.example.com'],
    ['https://calls.example.com/', 'https://calls.example.com'],
    ['https://calls.example.com:8443/agent//', 'https://calls.example.com:8443/agent'],
    ['http://127.0.0.1:8089', 'http://127.0.0.1:8089'],
    ['http://localhost:8089', 'http://localhost:8089'],
    ['http://[::1]:8089/', 'http://[::1]:8089'],
  ])('may be %s', (value, baseUrl) => {
    expect(publicRulesOf(read(value), [])).toEqual({
      baseUrl,
      host: '127.0.0.1',
      port: 8089,
      playsAudio: true,
    });
  });

  test.each([
    'http://calls.example.com',
    'http://127.0.0.1.example.com',
    'https://me:secret@calls.example.com',
    'https://calls.example.com/?a=1',
    'https://calls.example.com/#a',
    'ftp://calls.example.com',
    'calls.example.com',
  ])('may not be %s', (value) => {
    expect(() => read(value)).toThrow(/PUBLIC_BASE_URL: must be https:\/\/…/);
  });
});

test.each([
  ['PUBLIC_PORT', '65536'],
  ['PUBLIC_PORT', 'http'],
  ['PUBLIC_HOST', 'http://me'],
])('%s=%s is refused', (name, value) => {
  expect(() => readConfig({ [name]: value })).toThrow(`${name}: `);
});

describe('the voice that people hear', () => {
  const address = read('https://calls.example.com');

  test('is that of ElevenLabs, where there is a public address', () => {
    expect(voiceOf(address, ['LLM', 'CRM'])).toBe('ElevenLabs');
  });

  test('is Twilio’s without one, and what to do is said', () => {
    expect(voiceOf(readConfig({}), [])).toBe('Twilio');
    expect(voiceAdvice([])).toMatch(/can't be heard: set PUBLIC_BASE_URL/);
  });

  test('is Twilio’s while ElevenLabs is simulated: that is silence', () => {
    expect(voiceOf(address, ['ElevenLabs'])).toBe('Twilio');
    expect(publicRulesOf(address, ['ElevenLabs'])?.playsAudio).toBe(false);
    expect(voiceAdvice(['ElevenLabs'])).toMatch(/can't be heard while ElevenLabs is simulated$/);
  });

  test('is nobody’s when nobody is called', () => {
    expect(voiceOf(address, ['Telephony'])).toBeNull();
    expect(publicRulesOf(address, ['Telephony'])).toBeNull();
  });
});
