// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.auth.spring;

import static org.assertj.core.api.Assertions.assertThat;

import com.trackunit.fabric.core.Secret;
import com.trackunit.fabric.testkit.entra.App;
import com.trackunit.fabric.testkit.entra.Attack;
import com.trackunit.fabric.testkit.entra.EntraStandIn;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.web.servlet.context.ServletWebServerApplicationContext;

/** The application as it is started in earnest, before an Entra stand-in that comes and goes. */
@Timeout(120)
class PhotosApplicationTest {
  /** It takes 8 kB of headers and answers 400 to more. */
  private static final int TOMCATS_LIMIT = 8_000;

  private static final HttpClient client = HttpClient.newHttpClient();
  @TempDir private static Path folder;
  private static EntraStandIn entra;
  private static App api;

  @BeforeAll
  static void start() {
    entra = EntraStandIn.start();
    api = entra.tenant().register(App.builder("photos").scopes("analysis", "photos.read").build());
    Path trusted = folder.resolve("trusted.p12");
    entra.writeTrustStore(trusted, Secret.of("changeit"));
    System.setProperty("javax.net.ssl.trustStore", trusted.toString());
    System.setProperty("javax.net.ssl.trustStorePassword", "changeit");
  }

  @AfterAll
  static void stop() {
    System.clearProperty("javax.net.ssl.trustStore");
    System.clearProperty("javax.net.ssl.trustStorePassword");
    entra.close();
  }

  @Test
  void aGoodTokenIsLetInAndNoTokenIsAskedForOne() throws Exception {
    try (ServletWebServerApplicationContext application = application()) {
      HttpResponse<String> let = send(application, "/photos", entra.tokens(api).mint());
      assertThat(let.statusCode()).isEqualTo(200);
      assertThat(let.body()).isEqualTo("[\"excavator.jpg\"]");

      HttpResponse<String> asked = send(application, "/photos", null);
      assertThat(asked.statusCode()).isEqualTo(401);
      assertThat(challenge(asked)).isEqualTo("Bearer");
    }
  }

  @Test
  void everyAttackIsAnswered401AndATokenWithoutTheScope403() throws Exception {
    try (ServletWebServerApplicationContext application = application()) {
      for (Attack attack : Attack.values()) {
        String token = entra.tokens(api).attack(attack).mint();
        if (token.length() > TOMCATS_LIMIT || attack == Attack.LINE_FEED_AT_END) {
          continue; // the first is Tomcat's to refuse, the other no HTTP client sends
        }
        HttpResponse<String> refused = send(application, "/photos", token);
        assertThat(refused.statusCode()).as(attack.name()).isEqualTo(401);
        assertThat(challenge(refused))
            .as(attack.name())
            .startsWith("Bearer error=\"invalid_token\"");
        assertThat(refused.body()).isEmpty();
      }
      HttpResponse<String> denied =
          send(application, "/photos", entra.tokens(api).scopes("photos.read").mint());
      assertThat(denied.statusCode()).isEqualTo(403);
      assertThat(challenge(denied))
          .isEqualTo("Bearer error=\"insufficient_scope\", scope=\"analysis\"");
    }
  }

  @Test
  void withEntraDownAtStartTheAnswerIs503UntilItComesBack() throws Exception {
    entra.outage(true);
    try (ServletWebServerApplicationContext application = application()) {
      String token = entra.tokens(api).mint();
      HttpResponse<String> undecided = send(application, "/photos", token);
      assertThat(undecided.statusCode()).isEqualTo(503);
      assertThat(challenge(undecided)).isEmpty();
      assertThat(send(application, "/ready", null).statusCode()).isEqualTo(503);

      entra.heal();

      assertThat(send(application, "/photos", token).statusCode()).isEqualTo(200);
      assertThat(send(application, "/ready", null).statusCode()).isEqualTo(200);
    } finally {
      entra.heal();
    }
  }

  private static ServletWebServerApplicationContext application() {
    return (ServletWebServerApplicationContext)
        SpringApplication.run(
            PhotosApplication.class,
            "--server.port=0",
            "--server.address=127.0.0.1",
            "--azuread.instance=" + entra.authority(),
            "--azuread.tenantid=" + entra.tenant().id(),
            "--azuread.clientid=" + api.clientId());
  }

  private static HttpResponse<String> send(
      ServletWebServerApplicationContext to, String path, @Nullable String token) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + to.getWebServer().getPort() + path);
    HttpRequest.Builder request = HttpRequest.newBuilder(uri);
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static String challenge(HttpResponse<String> answer) {
    return answer.headers().firstValue("WWW-Authenticate").orElse("");
  }
}
