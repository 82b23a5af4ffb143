import { expect, test } from 'vitest';
import { isSignedByTwilio, twilioSignature } from '../../../actors/public/twilio-signature.ts';

/** The example that Twilio's documentation and libraries check themselves by. */
const authToken = '12345';
const url = 'https://mycompany.com/myapp.php?foo=1&bar=2';
const form = new URLSearchParams({
  CallSid: 'CA1234567890ABCDE',
  Caller: '+14158675309',
  Digits: '1234',
  From: '+14158675309',
  To: '+18005551212',
});
const signature = 'RSOYDt4T1cUTdK1PDd93/VVr8B8=';

const isSigned = (more: Partial<Parameters<typeof isSignedByTwilio>[0]> = {}): boolean =>
  isSignedByTwilio({ authToken, url, form, signature, ...more });

test('is the one of Twilio’s own example', () => {
  expect(twilioSignature(authToken, url, form)).toBe(signature);
  expect(isSigned()).toBe(true);
});

test('does not depend on the order of the fields', () => {
  expect(isSigned({ form: new URLSearchParams([...form].toReversed()) })).toBe(true);
});

test('counts each value of a field once, in order', () => {
  const fields: [string, string][] = [
    ['Sid', 'CA123'],
    ['SidAccount', 'AC123'],
    ['Digits', '5678'],
    ['Digits', '1234'],
    ['Digits', '1234'],
  ];
  const repeated = { form: new URLSearchParams(fields), signature: 'IK+Dwps556ElfBT0I3Rgjkr1wJU=' };
  expect(isSigned(repeated)).toBe(true);
});

test.each([
  ['https, and Twilio leaves the port away', 'https://mycompany.com:1234', signature],
  ['https, and Twilio adds 443', 'https://mycompany.com', 'kvajT1Ptam85bY51eRf/AJRuM3w='],
  ['http, and Twilio adds 80', 'http://mycompany.com', '0ZXoZLH/DfblKGATFgpif+LLRf4='],
  ['http with a port', 'http://mycompany.com:1234', 'Zmvh+3yNM1Phv2jhDCwEM3q5ebU='],
])('fits an address with and without its port: %s', (_, origin, itsSignature) => {
  const address = url.replace('https://mycompany.com', origin);
  expect(isSigned({ url: address, signature: itsSignature })).toBe(true);
});

test.each([
  ['another key', { authToken: '12346' }],
  ['another address', { url: `${url}&baz=3` }],
  ['another host', { url: url.replace('mycompany', 'theircompany') }],
  ['another field', { form: new URLSearchParams([...form, ['Extra', '1']]) }],
  ['another value', { form: new URLSearchParams({ ...Object.fromEntries(form), Digits: '1' }) }],
  ['a field less', { form: new URLSearchParams([...form].slice(1)) }],
  ['no signature', { signature: '' }],
  ['a longer signature', { signature: `${signature}=` }],
  ['a signature of the same length', { signature: signature.toLowerCase() }],
])('does not fit %s', (_, more) => {
  expect(isSigned(more)).toBe(false);
});
