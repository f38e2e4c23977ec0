// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.trackunit.fabric.testkit.entra.App;
import com.trackunit.fabric.testkit.entra.Attack;
import com.trackunit.fabric.testkit.entra.EntraStandIn;
import java.time.Duration;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the guide shows of a test of one's own. */
@Timeout(120)
class GuideTest {
  @Test
  void theTestOfTheGuidePasses() {
    try (EntraStandIn entra = EntraStandIn.start()) {
      App api = entra.tenant().register(App.builder("photos").scopes("analysis").build());
      String clientId = api.clientId().toString();
      OkHttpClient http =
          new OkHttpClient.Builder()
              .sslSocketFactory(entra.sslContext().getSocketFactory(), entra.trustManager())
              .build();
      try (EntraTokenValidator validator =
          EntraTokenValidator.builder(
                  entra.tenant().id(), Audience.of("api://" + clientId, clientId))
              .authorityHost(entra.authority())
              .httpClient(http)
              .fetchTimeout(Duration.ofSeconds(30)) // a busy build machine takes its time
              .build()) {
        validator.validate(entra.tokens(api).mint()).requireScope("analysis");
        String bad = entra.tokens(api).attack(Attack.EXPIRED).mint();
        assertThatThrownBy(() -> validator.validate(bad)).isInstanceOf(InvalidTokenException.class);
      }
    }
  }
}
