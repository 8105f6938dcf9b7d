// Every route that an application registers, whoever brought it.
import { Inject, Injectable, Module, type NestModule } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';

@Injectable()
export class RouteList {
  /** Methods by pattern, such as `/v1/entitlements/:contentId`. */
  readonly routes = new Map<string, string[]>();

  add(pattern: string, methods: string | readonly string[]): void {
    this.routes.set(pattern, [...(this.routes.get(pattern) ?? []), ...[methods].flat()]);
  }
}

/** Fills the `RouteList` of an application that imports it. */
@Module({ providers: [RouteList] })
export class RouteListModule implements NestModule {
  @Inject() private readonly list!: RouteList;
  @Inject() private readonly adapterHost!: HttpAdapterHost;

  /** Nest asks for middleware before it registers routes. */
  configure(): void {
    const instance: FastifyInstance = this.adapterHost.httpAdapter.getInstance();
    instance.addHook('onRoute', ({ url, method, config }) => {
      // What stands for the methods that an address does not take is no route of the service.
      if (config?.allowed === undefined) this.list.add(url, method);
    });
  }
}
