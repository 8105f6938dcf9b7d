// The player page of the demo: a viewer, a title, the decision, and the picture. It is there where the demo says who its viewers are.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isLoopbackOrigin } from '@app/platform/http';
import { Controller, Get, Param, Req, Res, UseFilters } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Environment } from '../environment.js';
import { wrongUrl } from '../protocol/errors.js';
import { ProtocolErrorFilter } from '../protocol/protocol.js';

/** What the page loads, by its name below `/player/`; the page itself has none. */
const MEDIA_TYPES: ReadonlyMap<string, string> = new Map([
  ['', 'text/html; charset=utf-8'],
  ['player.js', 'text/javascript; charset=utf-8'],
  ['player.css', 'text/css; charset=utf-8'],
  ['shaka-player.js', 'text/javascript; charset=utf-8'],
  ['demo.json', 'application/json'],
  ['clip/clip.mpd', 'application/dash+xml'],
  ['clip/sd.mp4', 'video/mp4'],
  ['clip/hd.mp4', 'video/mp4'],
  ['clip/audio.mp4', 'audio/mp4'],
]);

/** Its own scripts and styles; service and licence servers are on this machine, and the player feeds the picture through a `blob:`. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  'media-src blob:',
  "connect-src 'self' http://127.0.0.1:* http://localhost:*",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

@Controller('player')
@UseFilters(ProtocolErrorFilter)
export class PlayerController {
  constructor(private readonly environment: Environment) {}

  /** @throws wrongUrl where there is no page, or no such file */
  @Get(['', '*'])
  async file(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Param('*') name = '',
  ): Promise<Buffer> {
    const { EMULATOR_PLAYER_FILE: demoFile } = this.environment;
    const mediaType = MEDIA_TYPES.get(name);
    // A page of elsewhere whose name leads to this machine would else get the viewers' bearer tokens.
    const isHere = isLoopbackOrigin(`${request.protocol}://${request.host}`);
    if (demoFile === undefined || mediaType === undefined || !isHere) throw wrongUrl();
    void reply.headers({
      'Content-Type': mediaType,
      'Content-Security-Policy': POLICY,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      'Cache-Control': 'no-store',
    });
    return partOf(await readFile(pathOf(name, demoFile)), request, reply);
  }
}

function pathOf(name: string, demoFile: string): string {
  if (name === 'demo.json') return demoFile;
  if (name !== 'shaka-player.js') return join(pageFolder(), name === '' ? 'player.html' : name);
  // The dependency of a clone: an image has neither the player nor the page.
  const shaka = createRequire(import.meta.url).resolve('shaka-player/package.json');
  return join(dirname(shaka), 'dist/shaka-player.dash.js');
}

/** The page's folder in the clone, wherever this file was compiled to. */
function pageFolder(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const page = join(folder, 'apps/expressplay-emulator/player');
    if (existsSync(join(page, 'player.html'))) return page;
    if (folder === dirname(folder)) throw wrongUrl();
  }
}

/** The bytes that a player asks for (`Range: bytes=0-870`), or all. */
function partOf(content: Buffer, request: FastifyRequest, reply: FastifyReply): Buffer {
  const [, first = '', last = ''] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
  const part = content.subarray(Number(first), last === '' ? undefined : Number(last) + 1);
  // What cannot be had is not refused: the whole is a good answer to every range.
  if (first === '' || part.length === 0) return content;
  void reply.status(206).header('Content-Range', `bytes ${first}-${Number(first) + part.length - 1}/${content.length}`);
  return part;
}
