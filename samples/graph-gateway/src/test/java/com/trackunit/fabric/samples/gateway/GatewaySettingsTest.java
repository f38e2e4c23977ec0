// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.trackunit.fabric.samples.contracts.Environment;
import com.trackunit.fabric.samples.contracts.EnvironmentException;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class GatewaySettingsTest {
  private static final Map<String, String> REQUIRED =
      Map.of(
          "RABBIT_HOST", "rabbit",
          "RABBIT_USER", "user",
          "RABBIT_PASS", "hunter2",
          "INGESTION_BASE_URL", "https://node.tailnet.ts.net",
          "INTERNAL_AUTH_API_KEY", "opensesame",
          "AZUREAD__TENANTID", "11111111-1111-1111-1111-111111111111",
          "AZUREAD__CLIENTID", "22222222-2222-2222-2222-222222222222");

  @Test
  void defaultsAreThoseOfTheContract() {
    GatewaySettings settings = GatewaySettings.from(Environment.of(REQUIRED));
    assertThat(settings.address().getPort()).isEqualTo(8080);
    assertThat(settings.rabbit().port()).isEqualTo(5672);
    assertThat(settings.rabbit().vhost()).isEqualTo("/");
    assertThat(settings.entra().instance())
        .isEqualTo(URI.create("https://login.microsoftonline.com"));
    assertThat(settings.entra().audience()).isEqualTo("api://22222222-2222-2222-2222-222222222222");
    assertThat(settings.entra().requiredScope()).isEqualTo("analysis");
    assertThat(settings.introspection()).isFalse();
    assertThat(settings.instanceName()).isNotEmpty();
  }

  @Test
  void everyMistakeIsToldAtOnceByNameAndWithoutItsValue() {
    Map<String, String> wrong = new HashMap<>();
    wrong.put("HTTP_PORT", "99999");
    wrong.put("INSTANCE_NAME", "a b/c");
    wrong.put("INGESTION_BASE_URL", "http://plain.example");
    wrong.put("AZUREAD__TENANTID", "common");
    wrong.put("AZUREAD__AUDIENCE", "not an audience");
    wrong.put("GRAPHQL__INTROSPECTION", "yes");
    wrong.put("RABBIT_PASS", "hunter2");
    assertThatThrownBy(() -> GatewaySettings.from(Environment.of(wrong)))
        .isInstanceOf(EnvironmentException.class)
        .hasMessageContainingAll(
            "HTTP_PORT",
            "INSTANCE_NAME",
            "INGESTION_BASE_URL",
            "AZUREAD__TENANTID",
            "AZUREAD__AUDIENCE",
            "AZUREAD__CLIENTID",
            "GRAPHQL__INTROSPECTION",
            "RABBIT_HOST",
            "RABBIT_USER",
            "INTERNAL_AUTH_API_KEY")
        .hasMessageNotContainingAny("hunter2", "plain.example");
  }

  @Test
  void noSecretIsShown() {
    assertThat(GatewaySettings.from(Environment.of(REQUIRED)).toString())
        .doesNotContain("hunter2", "opensesame");
  }
}
