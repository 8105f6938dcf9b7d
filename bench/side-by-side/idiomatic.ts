// The contestant as tutorials have it: Nest on Express, Prisma with `include`, a guard with jose, class-validator, axios, an interceptor that logs.
import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import {
  Body,
  type CallHandler,
  type CanActivate,
  ConsoleLogger,
  Controller,
  createParamDecorator,
  type ExecutionContext,
  ForbiddenException,
  Get,
  HttpCode,
  Injectable,
  Logger,
  Module,
  type NestInterceptor,
  NotFoundException,
  Post,
  UnauthorizedException,
  UseGuards,
  ValidationPipe,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { PrismaPg } from '@prisma/adapter-pg';
import axios from 'axios';
import { IsBoolean, IsIn, IsOptional, Matches } from 'class-validator';
import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose';
import { tap, type Observable } from 'rxjs';
import { PrismaClient } from '../../libs/platform/src/database/generated/client.js';
import type { Drm } from '../../apps/entitlement/src/catalog/content.js';
import { answerOf, decide, newId, readToken, tokenRequest, type Grant, type Order, type Title } from './rules.js';

const { env } = process;
const perUser = Number(env.TOKEN_LIMIT_PER_USER ?? 200);
const perTitle = Number(env.TOKEN_LIMIT_PER_TITLE ?? 50);
const keks = new Map((env.CONTENT_KEY_KEKS ?? '').split(',').map((entry) => entry.split('=') as [string, string]));

@Injectable()
class PrismaService extends PrismaClient {
  constructor() {
    super({ adapter: new PrismaPg({ connectionString: env.DATABASE_URL, max: 10 }) });
  }
}

interface AuthenticatedRequest {
  method: string;
  url: string;
  headers: { authorization?: string };
  userId?: string;
}

@Injectable()
class BearerGuard implements CanActivate {
  readonly #keys = createLocalJWKSet(
    JSON.parse(readFileSync(new URL(env.AUTH_JWKS_URL ?? ''), 'utf8')) as JSONWebKeySet,
  );

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    const [, token = ''] = request.headers.authorization?.split(' ') ?? [];
    const options = {
      issuer: env.AUTH_ISSUER ?? '',
      audience: env.AUTH_AUDIENCE ?? '',
      requiredClaims: ['exp', 'sub'],
    };
    const { payload } = await jwtVerify(token, this.#keys, options).catch(() => {
      throw new UnauthorizedException();
    });
    if (!String(payload['scope']).split(' ').includes('playback')) throw new ForbiddenException();
    request.userId = String(payload.sub);
    return true;
  }
}

@Injectable()
class LoggingInterceptor implements NestInterceptor {
  readonly #logger = new Logger(LoggingInterceptor.name);

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { method, url, userId } = context.switchToHttp().getRequest<AuthenticatedRequest>();
    const begun = Date.now();
    return next.handle().pipe(tap(() => this.#logger.log({ method, url, userId, durationMs: Date.now() - begun })));
  }
}

const UserId = createParamDecorator((_: unknown, context: ExecutionContext) =>
  String(context.switchToHttp().getRequest<AuthenticatedRequest>().userId),
);

class LicenseTokenRequest {
  @Matches(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/)
  contentId!: string;

  @IsIn(['playready', 'fairplay', 'widevine'])
  drm!: Drm;

  @IsOptional()
  @IsBoolean()
  offline: boolean = false;
}

@Injectable()
class LicenseTokensService {
  readonly #http = axios.create({
    baseURL: env.EXPRESSPLAY_BASE_URL,
    httpAgent: new Agent({ keepAlive: true, maxSockets: 63 }),
    timeout: 5000,
    responseType: 'text',
    transformResponse: (data: string) => data,
    validateStatus: () => true,
  });

  constructor(private readonly prisma: PrismaService) {}

  async issue(order: Order) {
    const { userId, contentId } = order;
    const [id, at] = [newId(), new Date()];
    const content = await this.prisma.content.findUnique({
      where: { id: contentId },
      include: {
        outputPolicy: true,
        keys: true,
        purchases: { where: { userId }, orderBy: [{ purchasedAt: 'asc' }, { id: 'asc' }] },
      },
    });
    const kek = keks.get(content?.keys[0]?.kekId ?? '');
    if (content === null || kek === undefined) throw new NotFoundException();
    const title = { ...content, ...content.outputPolicy, ...content.keys[0] } as unknown as Title;
    const grant = decide(order, title, content.purchases, { id, at });
    if (grant === undefined) throw new ForbiddenException();
    if (perUser > 0 || perTitle > 0) await this.#reserve(order, grant);

    const authenticator = env.EXPRESSPLAY_CUSTOMER_AUTHENTICATOR ?? '';
    const { path, form } = tokenRequest(order, title, grant, { authenticator, kek });
    const { status, data } = await this.#http.post<string>(path, form);
    const token = readToken(status, data);
    await this.#record(order, grant);
    return answerOf(order, title, grant, token);
  }

  async #reserve({ userId, contentId }: Order, { id, decidedAt }: Grant): Promise<void> {
    const [user, title] = [perUser, perTitle].map((limit) => limit || 2 ** 31 - 1);
    const [row] = await this.prisma.$queryRaw<{ limitedUntil: Date | null }[]>`
      SELECT reserve_token(${id}::char(32), ${userId}, ${contentId}, ${decidedAt}::timestamptz, interval '1 hour',
        ${user}::int, ${title}::int, interval '20 seconds') AS "limitedUntil"`;
    if (row?.limitedUntil) throw new ForbiddenException('rate-limited');
  }

  async #record(order: Order, grant: Grant): Promise<void> {
    const { id, decidedAt, purchase, persistent, tokenExpiresAt, playDurationSeconds } = grant;
    await this.prisma.$transaction(async (tx) => {
      let firstPlay = false;
      if (grant.starts) {
        const where = {
          id: purchase.id,
          version: BigInt(purchase.version),
          firstPlayResetId: purchase.firstPlayResetId,
        };
        const { count } = await tx.purchase.updateMany({
          where: { ...where, firstPlayAt: null },
          data: { firstPlayAt: decidedAt },
        });
        firstPlay = count === 1;
      }
      await tx.tokenReservation.deleteMany({ where: { issuanceId: id } });
      await tx.issuance.create({
        data: {
          ...order,
          id,
          decidedAt,
          purchaseId: purchase.id,
          decision: 'granted',
          rightsType: grant.type === 'rental' ? 'rental' : 'buyToOwn',
          rightsEndAt: grant.endsAt,
          playDurationSeconds,
          persistent,
          tokenExpiresAt,
          firstPlay,
          requestId: newId(),
          durationMs: Date.now() - decidedAt.getTime(),
        },
      });
    });
  }
}

@Controller()
class LicenseTokensController {
  constructor(
    private readonly licenseTokens: LicenseTokensService,
    private readonly prisma: PrismaService,
  ) {}

  @Post('v1/license-tokens')
  @HttpCode(200)
  @UseGuards(BearerGuard)
  issue(@UserId() userId: string, @Body() body: LicenseTokenRequest) {
    return this.licenseTokens.issue({ userId, ...body });
  }

  @Get('health/ready')
  async ready() {
    await this.prisma.$queryRaw`SELECT 1`;
    return {};
  }
}

@Module({
  controllers: [LicenseTokensController],
  providers: [PrismaService, BearerGuard, LicenseTokensService],
})
class AppModule {}

const app = await NestFactory.create(AppModule, { logger: new ConsoleLogger({ json: true }) });
app.useGlobalInterceptors(new LoggingInterceptor());
app.useGlobalPipes(new ValidationPipe({ transform: true, whitelist: true }));
await app.listen(Number(env.PORT), '127.0.0.1');
process.on('SIGTERM', () => process.exit());
