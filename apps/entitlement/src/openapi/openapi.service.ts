// The document that this process serves, put together when somebody first asks for it.
import { Injectable } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import type { OpenApiDocument, Server } from './document.js';

@Injectable()
export class OpenApiService {
  #paths: OpenApiDocument | undefined;

  constructor(private readonly modules: ModulesContainer) {}

  /** @param server where the players' API is, for whoever asks */
  async document(server: Server): Promise<OpenApiDocument> {
    return { ...(this.#paths ??= await this.#build()), servers: [server] };
  }

  /** Most processes are never asked, so what it takes is loaded late. */
  async #build(): Promise<OpenApiDocument> {
    const [{ buildDocument }, { routesOf }] = await Promise.all([import('./document.js'), import('./routes.js')]);
    return buildDocument(routesOf(this.modules));
  }
}
