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
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.web.servlet.context.ServletWebServerApplicationContext;

/** The application as it is started in earnest, before an Entra stand-in that comes and goes. */
@Timeout(120)
class PhotosApplicationTest {
  private static final HttpClient client = HttpClient.newHttpClient();
  @TempDir private static Path folder;
  private static EntraStandIn entra;
  private static App api;
  private static ServletWebServerApplicationContext application;

  @BeforeAll
  static void start() {
    entra = EntraStandIn.start();
    api = entra.tenant().register(App.builder("photos").scopes("analysis", "photos.read").build());
    Path trusted = folder.resolve("trusted.p12");
    entra.writeTrustStore(trusted, Secret.of("changeit"));
    System.setProperty("javax.net.ssl.trustStore", trusted.toString());
    System.setProperty("javax.net.ssl.trustStorePassword", "changeit");
    application = run();
  }

  @AfterAll
  static void stop() {
    application.close();
    System.clearProperty("javax.net.ssl.trustStore");
    System.clearProperty("javax.net.ssl.trustStorePassword");
    entra.close();
  }

  @Test
  void aGoodTokenIsLetInAndNoTokenIsAskedForOne() throws Exception {
    HttpResponse<String> let = send(application, "/photos", entra.tokens(api).mint());
    assertThat(let.statusCode()).isEqualTo(200);
    assertThat(let.body()).isEqualTo("[\"excavator.jpg\"]");

    HttpResponse<String> asked = send(application, "/photos", null);
    assertThat(asked.statusCode()).isEqualTo(401);
    assertThat(challenge(asked)).isEqualTo("Bearer");
  }

  @Test
  void everyOtherPathIsOnlyForCallersWithATokenToo() throws Exception {
    assertThat(send(application, "/elsewhere", null).statusCode()).isEqualTo(401);
    assertThat(send(application, "/ready/elsewhere", null).statusCode()).isEqualTo(401);
    assertThat(send(application, "/elsewhere", entra.tokens(api).mint()).statusCode())
        .isEqualTo(404);
  }

  @Test
  void aTokenWithManyGroupsIsLetIn() throws Exception {
    List<UUID> groups = Stream.generate(UUID::randomUUID).limit(200).toList();
    String large = entra.tokens(api).claim("groups", groups).mint();

    assertThat(send(application, "/photos", large).statusCode()).isEqualTo(200);
  }

  @Test
  void aTokenWithoutTheScopeIsDenied() throws Exception {
    HttpResponse<String> denied =
        send(application, "/photos", entra.tokens(api).scopes("photos.read").mint());
    assertThat(denied.statusCode()).isEqualTo(403);
    assertThat(challenge(denied))
        .isEqualTo("Bearer error=\"insufficient_scope\", scope=\"analysis\"");
  }

  @ParameterizedTest
  @EnumSource(
      value = Attack.class,
      mode = Mode.EXCLUDE,
      names = {"LINE_FEED_AT_END", "OVERSIZED_HEADER", "OVERSIZED"}) // HTTP carries none of them
  void everyAttackIsAnswered401(Attack attack) throws Exception {
    HttpResponse<String> refused =
        send(application, "/photos", entra.tokens(api).attack(attack).mint());
    assertThat(refused.statusCode()).isEqualTo(401);
    assertThat(challenge(refused)).startsWith("Bearer error=\"invalid_token\"");
    assertThat(refused.body()).isEmpty();
  }

  @Test
  void withEntraDownAtStartTheAnswerIs503UntilItComesBack() throws Exception {
    entra.outage(true);
    try (ServletWebServerApplicationContext blind = run()) {
      String token = entra.tokens(api).mint();
      HttpResponse<String> undecided = send(blind, "/photos", token);
      assertThat(undecided.statusCode()).isEqualTo(503);
      assertThat(challenge(undecided)).isEmpty();
      assertThat(send(blind, "/ready", null).statusCode()).isEqualTo(503);

      entra.heal();

      assertThat(send(blind, "/photos", token).statusCode()).isEqualTo(200);
      assertThat(send(blind, "/ready", null).statusCode()).isEqualTo(200);
    } finally {
      entra.heal();
    }
  }

  private static ServletWebServerApplicationContext run() {
    return (ServletWebServerApplicationContext)
        SpringApplication.run(
            PhotosApplication.class,
            "--logging.config=" + System.getProperty("logback.configurationFile"),
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
