// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.entra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.trackunit.fabric.core.Secret;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TokenEndpointTest {
  private static final App API =
      App.builder("api").scopes("analysis", "admin").appRoles("Run").build();
  private static final App V1_API =
      App.builder("old").scopes("analysis").tokenVersion(TokenVersion.V1).build();
  private static final App DAEMON = App.builder("daemon").secret(Secret.of("s+ecret")).build();
  private static final App DEVICE = App.builder("device").publicClient().build();

  private static volatile Instant now = Instant.parse("2026-11-23T12:00:00Z");
  private static final AtomicLong NANOS = new AtomicLong();
  private static EntraStandIn entra;
  private static Http http;
  private static User ada;

  @BeforeAll
  static void start() {
    entra = EntraStandIn.builder().clock(new SetClock()).ticker(NANOS::get).start();
    List.of(API, V1_API, DAEMON, DEVICE).forEach(entra.tenant()::register);
    ada = entra.tenant().addUser("Ada");
    http = new Http(entra);
  }

  @AfterAll
  static void stop() {
    entra.close();
  }

  @Test
  void clientCredentialsByFormAndByHeader() throws Exception {
    HttpResponse<String> byForm = token(credentials(Map.of("client_secret", "s+ecret")));
    Map<String, String> bare = credentials(Map.of());
    bare.remove("client_id");
    HttpResponse<String> byHeader =
        http.post(tokenPath(), bare, "Authorization", basic(DAEMON.clientId() + ":s%2Becret"));

    for (HttpResponse<String> answer : List.of(byForm, byHeader)) {
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.headers().firstValue("Cache-Control")).contains("no-store, no-cache");
      assertThat(Http.parsed(answer))
          .containsEntry("token_type", "Bearer")
          .containsEntry("expires_in", 3599L)
          .containsKey("ext_expires_in")
          .doesNotContainKeys("refresh_token", "id_token", "scope");
    }
  }

  @Test
  void v1TokenRepeatsTheResourceAsItWasAsked() throws Exception {
    String slashed = V1_API.appIdUri() + "/";
    JWTClaimsSet claims =
        claims(
            token(credentials(Map.of("client_secret", "s+ecret", "scope", slashed + "/.default"))));

    assertThat(claims.getAudience()).containsExactly(slashed);
    assertThat(claims.getStringClaim("ver")).isEqualTo("1.0");
  }

  @Test
  void wrongRequestsAreRefusedInEntrasWords() throws Exception {
    refused(401, "invalid_client", 7000215, credentials(Map.of("client_secret", "S+ecret")));
    refused(401, "invalid_client", 7000216, credentials(Map.of()));
    refused(
        400,
        "unauthorized_client",
        700016,
        credentials(Map.of("client_secret", "s+ecret", "client_id", UUID.randomUUID().toString())));
    refused(
        400,
        "invalid_scope",
        1002012,
        credentials(Map.of("client_secret", "s+ecret", "scope", API.scope("analysis"))));
    refused(
        400,
        "invalid_resource",
        500011,
        credentials(Map.of("client_secret", "s+ecret", "scope", "api://nobody/.default")));
    refused(
        400,
        "invalid_scope",
        70011,
        credentials(
            Map.of("client_secret", "s+ecret", "scope", "api://a/.default api://b/.default")));
    refused(400, "unsupported_grant_type", 70003, Map.of("grant_type", "password"));
    refused(400, "invalid_request", 900144, Map.of("client_id", "x"));
    refused(400, "invalid_request", 900144, Map.of("grant_type", "client_credentials"));
  }

  @Test
  void malformedRequestsAreRefused() throws Exception {
    assertError(http.get(tokenPath()), 400, "invalid_request", 900561);
    assertError(
        http.postText(tokenPath(), "grant_type=a&grant_type=b"), 400, "invalid_request", 90023);
    assertError(http.postText(tokenPath(), "grant_type=%zz"), 400, "invalid_request", 90023);
    assertError(
        http.post(
            tokenPath(),
            credentials(Map.of("client_secret", "s+ecret")),
            "Authorization",
            basic("a:b")),
        400,
        "invalid_request",
        90023);
    assertError(
        http.post(tokenPath(), credentials(Map.of()), "Authorization", "Basic ###"),
        401,
        "invalid_client",
        7000216);
    assertError(
        http.post("/common/oauth2/v2.0/token", credentials(Map.of("client_secret", "s+ecret"))),
        400,
        "invalid_request",
        50059);
    assertThat(http.postText(tokenPath(), "x".repeat(70_000)).statusCode()).isEqualTo(413);
  }

  @Test
  void errorsCarryTheCallersCorrelationIdAndNoSecret() throws Exception {
    String id = UUID.randomUUID().toString();
    HttpResponse<String> answer =
        http.post(
            tokenPath(),
            credentials(Map.of("client_secret", "tell-nobody")),
            "client-request-id",
            id);

    assertThat(Http.parsed(answer))
        .containsEntry("correlation_id", id)
        .containsKeys("timestamp", "trace_id", "error_uri");
    assertThat(answer.body())
        .doesNotContain("tell-nobody")
        .containsPattern("2026-11-23 12:[0-9]{2}:00Z");
  }

  @Test
  void deviceLoginWaitsForItsUserAndIsHandedOutOnce() throws Exception {
    Map<String, Object> login = begin("openid profile offline_access " + API.scope("analysis"));
    assertThat(login).containsEntry("expires_in", 900L).containsEntry("interval", 5L);
    assertError(poll(login), 400, "authorization_pending", 70016);

    entra.approve(String.valueOf(login.get("user_code")), ada);
    HttpResponse<String> answer = poll(login);

    assertThat(Http.parsed(answer))
        .containsEntry("scope", API.scope("analysis") + " openid profile")
        .containsKeys("access_token", "refresh_token", "id_token", "client_info");
    assertThat(claims(answer).getStringClaim("azpacr")).isEqualTo("0");
    assertError(poll(login), 400, "bad_verification_code", 70018);
  }

  @Test
  void fastPollingIsSlowedDown() throws Exception {
    Map<String, Object> login = begin(API.scope("analysis"));
    poll(login);
    NANOS.addAndGet(Duration.ofSeconds(1).toNanos());
    assertError(poll(login), 400, "slow_down", 50196);
    NANOS.addAndGet(Duration.ofSeconds(10).toNanos());
    assertError(poll(login), 400, "authorization_pending", 70016);
  }

  @Test
  void deviceLoginsExpireAndAreDeclined() throws Exception {
    Map<String, Object> declined = begin(API.scope("analysis"));
    entra.decline(String.valueOf(declined.get("user_code")));
    assertError(poll(declined), 400, "authorization_declined", 65004);

    Map<String, Object> expired = begin(API.scope("analysis"));
    now = now.plus(Duration.ofMinutes(16));
    assertError(poll(expired), 400, "expired_token", 70020);
    assertThatThrownBy(() -> entra.approve(String.valueOf(expired.get("user_code")), ada))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void deviceFlowHoldsClientsToTheirKind() throws Exception {
    Map<String, Object> login = begin(API.scope("analysis"));
    Map<String, String> form = new HashMap<>(pollForm(login));
    form.put("client_secret", "any");
    refused(401, "invalid_client", 700025, form);
    form.remove("client_secret");
    form.put("client_id", DAEMON.clientId().toString());
    refused(401, "invalid_client", 7000218, form);
  }

  @Test
  void usersOfAnotherTenantMayNotApprove() throws Exception {
    Map<String, Object> login = begin(API.scope("analysis"));
    User stranger = entra.addTenant(UUID.randomUUID()).addUser("Mallory");

    assertThatThrownBy(() -> entra.approve(String.valueOf(login.get("user_code")), stranger))
        .isInstanceOf(IllegalArgumentException.class);
    assertError(poll(login), 400, "authorization_pending", 70016);
  }

  @Test
  void approvalPageTakesOnlyPendingCodesAndOneUser() throws Exception {
    String page = "/common/oauth2/deviceauth";
    assertThat(http.get(page).body()).contains("<form");
    Map<String, String> wrongCode = Map.of("user_code", "NOPE", "username", ada.username());
    assertError(http.post(page, wrongCode), 400, "invalid_request", 70018);
    Map<String, String> wrongUser = Map.of("user_code", "NOPE", "username", "nobody@nowhere");
    assertError(http.post(page, wrongUser), 400, "invalid_request", 50034);
  }

  @Test
  void scopesThatDoNotExistAreRefused() throws Exception {
    Map<String, Object> login = begin(API.scope("root"));
    entra.approve(String.valueOf(login.get("user_code")), ada);
    assertError(poll(login), 400, "invalid_scope", 650053);
  }

  @Test
  void refreshTokensServeOtherApisButNotOtherClients() throws Exception {
    Map<String, Object> login = begin("offline_access " + API.scope(".default"));
    entra.approve(String.valueOf(login.get("user_code")), ada);
    HttpResponse<String> first = poll(login);
    assertThat(claims(first).getStringClaim("scp")).isEqualTo("analysis admin");
    String refreshToken = String.valueOf(Http.parsed(first).get("refresh_token"));

    Map<String, String> form = new HashMap<>();
    form.put("grant_type", "refresh_token");
    form.put("client_id", DEVICE.clientId().toString());
    form.put("refresh_token", refreshToken);
    form.put("scope", V1_API.scope("analysis"));
    assertThat(claims(token(form)).getStringClaim("ver")).isEqualTo("1.0");

    form.put("refresh_token", refreshToken + "x");
    refused(400, "invalid_grant", 70000, form);
    form.put("refresh_token", refreshToken);
    form.put("client_id", DAEMON.clientId().toString());
    form.put("client_secret", "s+ecret");
    refused(400, "invalid_grant", 70000, form);
  }

  @Test
  void whoNamesNoApiGetsAGraphToken() throws Exception {
    Map<String, Object> login = begin("openid User.Read");
    entra.approve(String.valueOf(login.get("user_code")), ada);

    assertThat(claims(poll(login)).getAudience())
        .containsExactly("00000003-0000-0000-c000-000000000000");
  }

  private Map<String, String> credentials(Map<String, String> more) {
    Map<String, String> form = new HashMap<>();
    form.put("grant_type", "client_credentials");
    form.put("client_id", DAEMON.clientId().toString());
    form.put("scope", API.scope(".default"));
    form.putAll(more);
    return form;
  }

  private Map<String, Object> begin(String scope) throws Exception {
    String path = "/" + entra.tenant().id() + "/oauth2/v2.0/devicecode";
    return Http.parsed(
        http.post(path, Map.of("client_id", DEVICE.clientId().toString(), "scope", scope)));
  }

  private HttpResponse<String> poll(Map<String, Object> login) throws Exception {
    return token(pollForm(login));
  }

  private Map<String, String> pollForm(Map<String, Object> login) {
    return Map.of(
        "grant_type",
        "urn:ietf:params:oauth:grant-type:device_code",
        "client_id",
        DEVICE.clientId().toString(),
        "device_code",
        String.valueOf(login.get("device_code")),
        "client_info",
        "1");
  }

  private HttpResponse<String> token(Map<String, String> form) throws Exception {
    return http.post(tokenPath(), form);
  }

  private String tokenPath() {
    return "/" + entra.tenant().id() + "/oauth2/v2.0/token";
  }

  private void refused(int status, String error, long code, Map<String, String> form)
      throws Exception {
    assertError(token(form), status, error, code);
  }

  private static void assertError(HttpResponse<String> answer, int status, String error, long code)
      throws Exception {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(Http.parsed(answer))
        .containsEntry("error", error)
        .containsEntry("error_codes", List.of(code));
    assertThat(String.valueOf(Http.parsed(answer).get("error_description")))
        .startsWith("AADSTS" + code + ": ");
  }

  private static JWTClaimsSet claims(HttpResponse<String> answer) throws Exception {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return SignedJWT.parse(String.valueOf(Http.parsed(answer).get("access_token")))
        .getJWTClaimsSet();
  }

  private static String basic(String pair) {
    return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
  }

  private static final class SetClock extends Clock {
    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      return now;
    }
  }
}
