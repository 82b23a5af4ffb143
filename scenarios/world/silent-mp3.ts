/** MPEG-1 Layer III, 128 kbit/s, 44.1 kHz, joint stereo, without padding. */
const HEADER = [0xff, 0xfb, 0x90, 0x64] as const;
/** 144 × bit rate ÷ sample rate, rounded down. */
export const MP3_FRAME_BYTES = 417;
const SAMPLES_PER_FRAME = 1152;
const SAMPLE_RATE = 44_100;

/** Scripts are of much the same length: one buffer serves them all, and only grows. */
let silence = new Uint8Array(0);

/**
 * Silence of about `durationMs` that any player accepts: valid frames whose side information is
 * all zero. At least one frame. The bytes are shared: do not write to them.
 */
export function silentMp3(durationMs: number): Uint8Array<ArrayBuffer> {
  const frames = Math.max(1, Math.round((durationMs / 1000) * (SAMPLE_RATE / SAMPLES_PER_FRAME)));
  const bytes = frames * MP3_FRAME_BYTES;
  if (silence.length < bytes) {
    silence = new Uint8Array(bytes);
    for (let at = 0; at < bytes; at += MP3_FRAME_BYTES) silence.set(HEADER, at);
  }
  return silence.subarray(0, bytes);
}
