// Plays a title as one of the demo's viewers, and shows what happens on the way: the service's decision, the licence token, the
// licence, the end of a rental. The browser's ClearKey stands in for the DRM that the token is for.

/** What the demo says of itself: the address of its `service`, `titles`, and a bearer token of each of its `viewers`. */
const demo = await (await fetch('/player/demo.json')).json();

const WORDS = {
  'no-purchase': 'They neither bought nor rented it.',
  'rental-period-ended': 'The period of the rental is over.',
  'play-window-ended': 'They started the rental, and the time to finish it is over.',
  'purchase-revoked': 'The store took the purchase back.',
  'not-yet-available': 'The title comes later.',
  'content-withdrawn': 'The title is no longer offered.',
  'content-not-found': 'The service does not know the title.',
  'drm-not-available': 'The title lacks what this DRM needs.',
  unauthenticated: 'The bearer token is not accepted: start the demo again, then load this page again.',
  overloaded: 'The service has too much to do: try again in a moment.',
  'rate-limited': 'These were too many attempts: try again in a minute.',
  'service-unavailable': 'The service is not ready: try again in a moment.',
  'upstream-unavailable': 'ExpressPlay cannot be reached: try again in a moment.',
  'upstream-timeout': 'ExpressPlay did not answer in time: try again in a moment.',
  'token-balance-exhausted': 'The account with ExpressPlay has no tokens left.',
};
/** The longest wait that a browser's timers take. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

const form = document.querySelector('form');
const video = document.querySelector('video');
const field = (id) => document.getElementById(id);
const show = (id, text) => (field(id).textContent = text);
const decoded = (bytes) => JSON.parse(new TextDecoder().decode(bytes));

function duration(seconds) {
  const [h, min, s] = [seconds / 3600, (seconds / 60) % 60, seconds % 60].map(Math.floor);
  return `${h} h ${min} min ${s} s`;
}

/** Asks the service as the viewer. Throws its problem in words. */
async function ask(path, body) {
  const answer = await fetch(`${demo.service}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      Authorization: `Bearer ${demo.viewers[field('viewer').value]}`,
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
    },
    body: JSON.stringify(body),
  }).catch(() => {
    throw new Error(`The service at ${demo.service} cannot be reached.`);
  });
  const document = await answer.json().catch(() => ({}));
  if (answer.ok) return document;
  const { code = `HTTP ${answer.status}`, reason, title = 'The service refused.' } = document;
  throw new Error(`${WORDS[reason ?? code] ?? title} (${reason ?? code})`);
}

/** Shows what the viewer may do, which costs nothing and starts no clock. */
async function decide() {
  const { entitled, reason, rights } = await ask(`/v1/entitlements/${encodeURIComponent(field('title').value)}`);
  if (!entitled) return show('decision', `No. ${WORDS[reason] ?? ''} (${reason})`);
  if (rights.type === 'buy-to-own') return show('decision', 'Yes, for good: they own it.');
  const clock = rights.started ? 'Its clock runs' : 'Its clock starts with the first play';
  show('decision', `Yes, until ${rights.endsAt}: they rent it. ${clock}: ${duration(rights.playDurationSeconds)}.`);
}

/** The player that is in use, and what waits for the end of its rental. */
let current;
const timers = [];

async function stop() {
  for (const timer of timers.splice(0)) clearTimeout(timer);
  const player = current;
  current = undefined;
  await player?.destroy();
}

/** Shows the decision for what was just chosen, and nothing of what was played before. */
async function choose() {
  await stop();
  for (const { id } of document.querySelectorAll('dd, #problem')) show(id, '');
  await decide();
}

async function play() {
  await choose();
  const player = new shaka.Player();
  current = player;
  const order = { contentId: field('title').value, drm: field('drm').value };
  const playback = { token: undefined, problem: undefined };
  const fail = (error) => {
    if (current === player) show('problem', playback.problem?.message ?? wordsOf(error));
  };

  await player.attach(video);
  player.addEventListener('error', ({ detail }) => fail(detail));
  const network = player.getNetworkingEngine();
  const { LICENSE } = shaka.net.NetworkingEngine.RequestType;
  network.registerRequestFilter(async (type, request) => {
    if (type !== LICENSE) return;
    try {
      // Not before the DRM wants a licence: a token may cost money, and a rental's first one starts its clock.
      playback.token ??= await ask('/v1/license-tokens', order);
    } catch (error) {
      playback.problem = error;
      throw error;
    }
    request.uris = [playback.token.licenseUrl];
    show('licence', `${decoded(request.body).kids.length} keys are asked for.`);
  });
  network.registerResponseFilter(async (type, { data }) => {
    if (type !== LICENSE) return;
    field('licence').append(` ${decoded(data).keys.length} were granted.`);
    const seconds = await showToken(playback.token);
    if (current !== player || seconds === Infinity) return;
    countDown(seconds);
    attempt(decide);
  });
  // Shaka wants a URL before it loads; the filter puts the real one in its place.
  player.configure({ drm: { servers: { 'org.w3.clearkey': 'https://license.invalid' } } });
  try {
    await player.load(`/player/clip/${encodeURIComponent(order.contentId)}.mpd`);
    await video.play();
  } catch (error) {
    fail(error);
  }
}

/** Shows what a token carries, as the emulator says it. Answers how many seconds its licence plays, Infinity for no end. */
async function showToken({ licenseUrl, token, tokenExpiresAt, keys = [] }) {
  const { terms, issuedAt } = await (await fetch(`${new URL(licenseUrl).origin}/emulator/tokens/${token}`)).json();
  const tracksOf = ({ kid, track }) => keys.find((key) => key.kid === kid)?.tracks.join(', ') || track || 'all tracks';
  const lines = terms.keys.map((key) => `${key.kid}: ${tracksOf(key)}`);
  const kept = terms.persistent ? 'to be kept' : 'not to be kept';
  show('token', [`${terms.rightsType}, ${kept}. To be redeemed until ${tokenExpiresAt}.`, ...lines].join('\n'));
  const untilEnd = terms.rentalEndsAt && (Date.parse(terms.rentalEndsAt) - Date.parse(issuedAt)) / 1000;
  const ends = [terms.playDurationSeconds, terms.rentalDurationSeconds, untilEnd];
  return Math.min(...ends.map((seconds) => seconds ?? Infinity));
}

/** Shows a rental's clock, and ends it: a DRM stops the picture by itself, but ClearKey knows no end. */
function countDown(seconds) {
  const until = performance.now() + seconds * 1000;
  const tick = () => show('clock', `${duration(Math.max(0, (until - performance.now()) / 1000))} left`);
  tick();
  timers.push(
    setInterval(tick, 1000),
    setTimeout(() => attempt(end), Math.min(seconds * 1000, LONGEST_TIMER_MS)),
  );
}

/** What went wrong in the player, in words. */
function wordsOf(error) {
  const { Code } = shaka.util.Error;
  const [first] = error.data ?? [];
  if (error.code === Code.BAD_HTTP_STATUS && String(first).endsWith('.mpd')) {
    return 'The manifest is missing: only the title clip has pictures here. No token was bought, no clock was started.';
  }
  if (error.code === Code.RESTRICTIONS_CANNOT_BE_MET) return 'No picture has all of its keys in the licence.';
  if (error.code !== Code.LICENSE_REQUEST_FAILED) return `The player stopped: ${error.message}`;
  const [, status, body = ''] = first?.data ?? [];
  const code = /-\d{4}/.exec(body)?.[0];
  return `The licence server refused: ${code === undefined ? (status ?? 'it cannot be reached') : `error ${code}`}.`;
}

async function end() {
  await stop();
  show('clock', '');
  show('problem', 'The rental is over: the picture was stopped.');
  await decide();
}

/** Does what the viewer asked for, and says what went wrong. */
function attempt(what) {
  what().catch((error) => show('problem', error.message));
}

for (const [id, values] of [
  ['viewer', Object.keys(demo.viewers)],
  ['title', demo.titles],
]) {
  field(id).append(...values.map((value) => new Option(value)));
}
video.addEventListener('timeupdate', () => {
  // Its size is known before anything is decrypted.
  const isSeen = video.getVideoPlaybackQuality().totalVideoFrames > 0;
  if (isSeen) show('picture', `${video.videoWidth} × ${video.videoHeight}`);
});
form.addEventListener('change', () => attempt(choose));
form.addEventListener('submit', (event) => {
  event.preventDefault();
  event.submitter.disabled = true;
  attempt(() => play().finally(() => (event.submitter.disabled = false)));
});
attempt(choose);
