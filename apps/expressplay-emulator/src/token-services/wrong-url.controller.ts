// Everything else under the services' paths is a wrong URL.
import { All, Controller, UseFilters } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { FORM_BODY } from '../protocol/form-body.js';
import { ProtocolErrorFilter } from '../protocol/protocol-error.filter.js';
import { WrongUrlError } from '../protocol/wrong-url.error.js';

@Controller(['hms', 'playready'])
@UseFilters(ProtocolErrorFilter)
export class WrongUrlController {
  @All('*')
  @RouteConfig(FORM_BODY)
  refuse(): never {
    throw new WrongUrlError();
  }
}
