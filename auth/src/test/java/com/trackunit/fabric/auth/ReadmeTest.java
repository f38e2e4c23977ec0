// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Collectors;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Test;

/** The five lines of the README, compiled and run. */
class ReadmeTest {
  private static final Path MODULE =
      Path.of(Objects.requireNonNull(System.getProperty("fabric.root")), "auth");

  @Test
  void theFiveLinesAreThoseThatAreCompiledHere() throws IOException {
    String readme = Files.readString(MODULE.resolve("README.md"));
    int from = readme.indexOf("```java\n") + 8;
    String shown = readme.substring(from, readme.indexOf("```", from));
    String here =
        Files.readString(MODULE.resolve("src/test/java/com/trackunit/fabric/auth/ReadmeTest.java"));

    assertThat(code(here).replace("try(validator){", "")).contains(code(shown));
  }

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

  /** Without comments and white space, which formatters move. */
  private static String code(String text) {
    return text.lines()
        .map(line -> line.replaceAll(" //.*", "").replaceAll("\\s", ""))
        .collect(Collectors.joining());
  }
}
