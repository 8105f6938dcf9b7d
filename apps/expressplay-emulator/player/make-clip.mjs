// Makes the clip of the player page again, in `clip` beside this file: a test picture with a clock, and a tone, which nobody has
// rights in, encrypted (CENC) with a key each for SD, HD and audio, and its DASH manifest. Needs ffmpeg and a font (Debian's ffmpeg
// and fonts-dejavu-core). KIDs and keys are those of the demo data (prisma/seed/demo-data.ts): the clip is everybody's.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('clip', import.meta.url)));

const COMMON_SYSTEM = '1077efec-c0b2-4d02-ace3-3c1e52e2fb4b';

/** 16 bytes in hex that are always the same for a name. */
const hexOf = (name) => createHash('sha256').update(name).digest('hex').slice(0, 32);
const kidOf = (track) => hexOf(`kid clip ${track}`);

const u32 = (value) => Buffer.from([value >>> 24, value >>> 16, value >>> 8, value]);

function box(type, ...content) {
  const body = Buffer.concat(content);
  return Buffer.concat([u32(body.length + 8), Buffer.from(type), body]);
}

/** The boxes between two places of a file. */
function boxesIn(file, from, to) {
  const boxes = [];
  for (let at = from; at < to; at += file.readUInt32BE(at)) {
    boxes.push({ type: file.toString('latin1', at + 4, at + 8), at, end: at + file.readUInt32BE(at) });
  }
  return boxes;
}

/** The first box of a path of types, from a box or from the whole file on. */
function find(file, path, { at, end } = { at: -8, end: file.length }) {
  const [type, ...rest] = path.split('/');
  const found = boxesIn(file, at + 8, end).find((one) => one.type === type);
  return rest.length === 0 ? found : find(file, rest.join('/'), found);
}

/** Makes an encrypted file of fragments of 4 seconds, with an index; bit by bit the same each time. */
function make(track, source, codec) {
  const input = `-loglevel error -y -f lavfi -t 24 -i`.split(' ');
  const output = `-map_metadata -1 -threads 1 -fflags +bitexact -flags +bitexact ${codec}
    -encryption_scheme cenc-aes-ctr -encryption_key ${hexOf(`key clip ${track}`)} -encryption_kid ${kidOf(track)}
    -movflags +frag_keyframe+empty_moov+default_base_moof+global_sidx ${track}.mp4`;
  execFileSync('ffmpeg', [...input, source, ...output.split(/\s+/)], { stdio: 'inherit' });
  writeFileSync(`${track}.mp4`, describeSamples(readFileSync(`${track}.mp4`), track !== 'audio'));
}

/**
 * Adds to each fragment how its samples are encrypted (`senc`, `saiz`, `saio`), which Debian's ffmpeg leaves out: with IVs that count
 * samples from 0.
 */
function describeSamples(file, isVideo) {
  // What it writes in their place says something of no sample.
  const table = find(file, 'moov/trak/mdia/minf/stbl');
  for (const { type, at } of boxesIn(file, table.at + 8, table.end)) {
    if (['senc', 'saiz', 'saio'].includes(type)) file.write('free', at + 4);
  }
  const index = find(file, 'sidx');
  const fragments = boxesIn(file, index.end, file.length).filter(({ type }) => type === 'moof');
  const parts = [file.subarray(0, index.end)];
  let samples = 0;
  for (const [number, moof] of fragments.entries()) {
    const traf = find(file, 'traf', moof);
    const trun = find(file, 'trun', traf);
    const dataOffset = trun.at + 16;
    let at = moof.at + file.readInt32BE(dataOffset);
    const entries = sampleSizes(file, trun).map((size) => {
      const iv = Buffer.concat([u32(0), u32(samples)]);
      samples += 1;
      at += size;
      return isVideo ? Buffer.concat([iv, ...subsamples(file, at - size, at)]) : iv;
    });
    const senc = box('senc', u32(isVideo ? 2 : 0), u32(entries.length), ...entries);
    const sizes = Buffer.from(entries.map(({ length }) => length));
    const saiz = box('saiz', u32(0), Buffer.from([0]), u32(entries.length), sizes);
    const saio = box('saio', u32(0), u32(1), u32(traf.end - moof.at + 16));
    const added = senc.length + saiz.length + saio.length;
    const reference = index.end - 12 * (fragments.length - number);
    for (const place of [moof.at, traf.at, dataOffset, reference])
      file.writeInt32BE(file.readInt32BE(place) + added, place);
    const mediaEnd = traf.end + file.readUInt32BE(traf.end);
    parts.push(file.subarray(moof.at, traf.end), senc, saiz, saio, file.subarray(traf.end, mediaEnd));
  }
  return Buffer.concat(parts);
}

function sampleSizes(file, trun) {
  const flags = file.readUInt32BE(trun.at + 8);
  const fields = [0x100, 0x200, 0x400, 0x800].filter((field) => flags & field);
  const first = trun.at + (flags & 4 ? 24 : 20) + 4 * fields.indexOf(0x200);
  const count = file.readUInt32BE(trun.at + 12);
  return Array.from({ length: count }, (_, number) => file.readUInt32BE(first + 4 * number * fields.length));
}

/** Of each NAL unit of a picture its length and its first byte are clear, the rest is encrypted. */
function subsamples(file, from, to) {
  const units = [];
  for (let at = from; at < to; at += 4 + file.readUInt32BE(at)) {
    units.push(Buffer.from([0, 5]), u32(file.readUInt32BE(at) - 1));
  }
  return [Buffer.from([0, units.length / 2]), ...units];
}

function makePicture(track, size) {
  const label = 'fontsize=h/8:x=(w-tw)/2:y=(h-th)/2:fontcolor=white:box=1:boxcolor=black';
  const source = `smptehdbars=size=${size}:rate=12,drawtext=text='%{pts\\:hms} ${track.toUpperCase()}':${label}`;
  const gop = '-g 48 -keyint_min 48 -sc_threshold 0 -bf 0';
  make(track, source, `-c:v libx264 -preset veryslow -crf 30 ${gop} -pix_fmt yuv420p -profile:v main`);
}

/** One set of the manifest, with the one file of its track. */
function adaptationSet(track, attributes) {
  const file = readFileSync(`${track}.mp4`);
  const { at, end } = find(file, 'sidx');
  const kid = kidOf(track).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  const type = track === 'audio' ? 'audio' : 'video';
  return `    <AdaptationSet mimeType="${type}/mp4" segmentAlignment="true" startWithSAP="1">
      <ContentProtection schemeIdUri="urn:mpeg:dash:mp4protection:2011" value="cenc" cenc:default_KID="${kid}"/>
      <ContentProtection schemeIdUri="urn:uuid:${COMMON_SYSTEM}"><cenc:pssh>${pssh()}</cenc:pssh></ContentProtection>
      <Representation id="${track}" bandwidth="${Math.ceil(file.length / 3)}" ${attributes(file)}>
        <BaseURL>${track}.mp4</BaseURL>
        <SegmentBase indexRange="${at}-${end - 1}"><Initialization range="0-${at - 1}"/></SegmentBase>
      </Representation>
    </AdaptationSet>`;
}

/** All KIDs in one box, the same in each set: a player makes one licence request of it. */
function pssh() {
  const kids = ['sd', 'hd', 'audio'].map((track) => Buffer.from(kidOf(track), 'hex'));
  const system = Buffer.from(COMMON_SYSTEM.replaceAll('-', ''), 'hex');
  return box('pssh', u32(0x01000000), system, u32(kids.length), ...kids, u32(0)).toString('base64');
}

/** @param size width and height */
const videoOf =
  ([width, height]) =>
  (file) => {
    const at = file.indexOf('avcC') + 5;
    const codec = `avc1.${file.toString('hex', at, at + 3).toUpperCase()}`;
    return `codecs="${codec}" width="${width}" height="${height}" frameRate="12"`;
  };

makePicture('sd', '320x180');
makePicture('hd', '1280x720');
make('audio', 'sine=frequency=440:beep_factor=2:sample_rate=44100', '-c:a aac -b:a 24k -ac 1 -frag_duration 4000000');
writeFileSync(
  'clip.mpd',
  `<?xml version="1.0" encoding="utf-8"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" xmlns:cenc="urn:mpeg:cenc:2013" type="static" mediaPresentationDuration="PT24S"
  minBufferTime="PT4S" profiles="urn:mpeg:dash:profile:isoff-on-demand:2011">
  <Period>
${adaptationSet('sd', videoOf([320, 180]))}
${adaptationSet('hd', videoOf([1280, 720]))}
${adaptationSet('audio', () => 'codecs="mp4a.40.2" audioSamplingRate="44100"')}
  </Period>
</MPD>
`,
);
