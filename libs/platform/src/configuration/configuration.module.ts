// Makes the loaded environment injectable everywhere, by its class.
import { type DynamicModule, Module } from '@nestjs/common';
import { ConfigModule, registerAs } from '@nestjs/config';

@Module({})
class ConfigurationModule {}

/**
 * A global module that provides `environment` under the class token `type`. It stands on @nestjs/config, which reads
 * nothing by itself here: what was loaded and checked is all there is, also in tests.
 */
export function configurationModule<T extends object>(type: new () => T, environment: T): DynamicModule {
  const source = registerAs(type.name, () => environment);
  return {
    module: ConfigurationModule,
    global: true,
    imports: [
      ConfigModule.forRoot({
        ignoreEnvFile: true,
        validatePredefined: false,
        skipProcessEnv: true,
        load: [source],
      }),
    ],
    providers: [{ provide: type, useFactory: (loaded: T) => loaded, inject: [source.KEY] }],
    exports: [type],
  };
}
