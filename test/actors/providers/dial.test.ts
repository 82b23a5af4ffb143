import { expect, test } from 'vitest';
import { TelephonyClient, type Dial } from '../../../actors/providers/telephony.ts';
import { parseTwiml } from '../../../scenarios/world/twiml.ts';

/** What goes over the wire when a number is dialled. */
async function formOf(dial: Partial<Dial>): Promise<URLSearchParams> {
  let sent = '';
  const client = new TelephonyClient({
    baseUrl: 'https://twilio.test',
    accountSid: 'AC01',
    authToken: 'secret',
    from: '+14155550199',
    fetch: async (url, init) => {
      sent = await new Request(url, init).text();
      return Response.json({ sid: 'CA01' }, { status: 201 });
    },
  });
  const whole = { to: '+14155550101', words: 'Hello.', audioUrl: null, statusUrl: null, ...dial };
  expect(await client.dial(whole, new AbortController().signal)).toBe('CA01');
  return new URLSearchParams(sent);
}

const NASTY = `Tom & "Jerry" <b>'1' < 2</b> ]]> &amp;`;

test('the script is spoken, whatever stands in it', async () => {
  const form = await formOf({ words: NASTY });
  expect(parseTwiml(form.get('Twiml')!)).toEqual([{ say: NASTY }]);
  expect([...form.keys()]).toEqual(['To', 'From', 'Twiml']);
});

test('what no XML can hold is left out of the script, and nothing else', async () => {
  const form = await formOf({ words: 'a\u0001b\u000bc\u001f\ufffe\uffff\ud800d\t\n\r\u007fé😀' });
  const twiml = form.get('Twiml')!;
  expect(twiml).toBe('<Response><Say>abcd\t\n\r\u007fé😀</Say></Response>');
  const audio = await formOf({ audioUrl: 'https://calls.example.com/a\u0001.mp3' });
  expect(audio.get('Twiml')).not.toContain('\u0001');
});

test('audio is played from its address, whatever stands in it', async () => {
  const audioUrl = `https://calls.example.com/a.mp3?a=1&b=<"'>`;
  const form = await formOf({ audioUrl, words: NASTY });
  expect(parseTwiml(form.get('Twiml')!)).toEqual([{ play: audioUrl }]);
});

test('Twilio is asked to tell of everything that its answer has not told yet', async () => {
  const form = await formOf({ statusUrl: 'https://calls.example.com/twilio/status/0007/1' });
  expect(form.get('StatusCallback')).toBe('https://calls.example.com/twilio/status/0007/1');
  expect(form.get('StatusCallbackMethod')).toBe('POST');
  expect(form.getAll('StatusCallbackEvent')).toEqual(['ringing', 'answered', 'completed']);
});
