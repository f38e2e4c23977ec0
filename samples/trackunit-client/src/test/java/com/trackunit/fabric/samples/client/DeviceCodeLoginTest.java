// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.trackunit.fabric.core.Secret;
import com.trackunit.fabric.samples.client.TrackunitClientException.Reason;
import com.trackunit.fabric.testkit.entra.App;
import com.trackunit.fabric.testkit.entra.EntraStandIn;
import com.trackunit.fabric.testkit.entra.User;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class DeviceCodeLoginTest {
  private static final App API = App.builder("graph-gateway").scopes("analysis").build();
  private static final App CLIENT = App.builder("trackunit-client").publicClient().build();
  private static final SSLSocketFactory BEFORE = HttpsURLConnection.getDefaultSSLSocketFactory();

  private static EntraStandIn entra;
  private static User ada;

  private final List<DeviceCodeLogin.Prompt> prompts = new CopyOnWriteArrayList<>();

  @BeforeAll
  static void start() {
    entra = EntraStandIn.builder().devicePollInterval(Duration.ofSeconds(1)).start();
    var unusedApi = entra.tenant().register(API);
    var unusedClient = entra.tenant().register(CLIENT);
    ada = entra.tenant().addUser("Ada Lovelace");
    // In a process of its own the client would trust it by javax.net.ssl.trustStore.
    HttpsURLConnection.setDefaultSSLSocketFactory(entra.sslContext().getSocketFactory());
  }

  @AfterAll
  static void stop() {
    HttpsURLConnection.setDefaultSSLSocketFactory(BEFORE);
    entra.close();
  }

  @Test
  void theUserIsAskedOnceAndTheTokenRenewedWithoutAsking() {
    DeviceCodeLogin login = login(prompt -> entra.approve(prompt.code(), ada));

    Secret first = login.token(false);
    assertThat(login.token(false)).isEqualTo(first);
    Secret second = login.token(true);

    assertThat(second).isNotEqualTo(first);
    assertThat(first.reveal().split("\\.")).hasSize(3);
    assertThat(prompts)
        .singleElement()
        .satisfies(
            prompt -> {
              assertThat(prompt.code()).isNotBlank();
              assertThat(prompt.where().getScheme()).isEqualTo("https");
              assertThat(prompt.within()).isPositive();
            });
  }

  @Test
  void aUserWhoDeclinesGivesNoToken() {
    DeviceCodeLogin login = login(prompt -> entra.decline(prompt.code()));
    assertThatThrownBy(() -> login.token(false))
        .isInstanceOfSatisfying(
            TrackunitClientException.class, e -> assertThat(e.reason()).isEqualTo(Reason.SIGN_IN));
  }

  private DeviceCodeLogin login(Consumer<DeviceCodeLogin.Prompt> answer) {
    return new DeviceCodeLogin(
        URI.create(entra.authority() + "/" + entra.tenant().id() + "/"),
        CLIENT.clientId().toString(),
        API.scope("analysis"),
        prompt -> {
          prompts.add(prompt);
          answer.accept(prompt);
        },
        Clock.systemUTC());
  }
}
