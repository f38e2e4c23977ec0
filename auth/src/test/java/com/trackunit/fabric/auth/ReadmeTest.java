// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.UUID;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Test;

/** The lines of the README, run; that they are the same, ReadmesTest checks for all modules. */
class ReadmeTest {
  @Test
  void theyLetAGoodTokenInAndRefuseTheOthers() {
    try (EntraFixture fixture = new EntraFixture()) {
      assertThat(status(fixture, fixture.token().mint())).isEqualTo(200);
      assertThat(status(fixture, fixture.token().expired().mint())).isEqualTo(401);
      assertThat(status(fixture, fixture.token().scopes("photos.read").mint())).isEqualTo(403);
      fixture.entra.outage(true);
      assertThat(status(fixture, fixture.token().mint())).isEqualTo(503);
    }
  }

  private static int status(EntraFixture fixture, String token) {
    try {
      useIt(
          fixture.entra.tenant().id(),
          fixture.api.clientId().toString(),
          fixture.entra.authority(),
          fixture.http,
          token);
      return 200;
    } catch (AuthException e) {
      return e.httpStatus();
    }
  }

  private static void useIt(
      UUID tenantId, String clientId, URI instance, OkHttpClient http, String bearerToken) {
    EntraTokenValidator validator =
        EntraTokenValidator.builder(tenantId, Audience.of("api://" + clientId, clientId))
            .authorityHost(instance)
            .httpClient(http)
            .build();
    try (validator) {
      AccessToken caller = validator.validate(bearerToken);
      caller.requireScope("analysis");
    }
  }
}
