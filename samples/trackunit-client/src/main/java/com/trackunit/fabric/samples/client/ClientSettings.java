// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.client;

import com.trackunit.fabric.samples.contracts.Environment;
import com.trackunit.fabric.samples.contracts.Variables;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the command reads from its environment; README.md lists the variables.
 *
 * @param graphqlHttp the gateway over HTTP
 * @param graphqlWs the gateway over WebSocket; absent: the same address
 * @param uploadHosts the hosts that photos may be sent to; empty: any public one
 * @param timeout the longest that a send may take
 * @param tokenFile where a token lies; absent: the user signs in
 * @param login how the user signs in; absent where there is a token file
 */
record ClientSettings(
    URI graphqlHttp,
    Optional<URI> graphqlWs,
    Set<String> uploadHosts,
    Duration timeout,
    Optional<Path> tokenFile,
    Optional<Login> login) {

  /** Who signs in where, for what. */
  record Login(URI authority, String clientId, String scope) {}

  static ClientSettings read(Environment environment) {
    Supplier<URI> http = environment.uri("GRAPHQL_HTTP_URL").required();
    Supplier<Optional<URI>> ws = environment.uri("GRAPHQL_WS_URL").optional();
    Supplier<Set<String>> hosts =
        environment
            .value("UPLOAD_HOSTS", "host names and commas", ClientSettings::hosts)
            .orElse(Set.of());
    Supplier<Duration> timeout =
        environment.duration("ANALYSIS_TIMEOUT").orElse(Duration.ofSeconds(60));
    Supplier<Optional<Path>> tokenFile =
        environment.value("ACCESS_TOKEN_FILE", "a path", Path::of).optional();
    Supplier<Login> login = environment.has("ACCESS_TOKEN_FILE") ? null : readLogin(environment);
    environment.verify();
    return new ClientSettings(
        http.get(),
        ws.get(),
        hosts.get(),
        timeout.get(),
        tokenFile.get(),
        Optional.ofNullable(login).map(Supplier::get));
  }

  TrackunitClient client(TokenSource tokens) {
    TrackunitClient.Builder builder =
        TrackunitClient.builder(graphqlHttp, tokens).uploadHosts(uploadHosts).timeout(timeout);
    graphqlWs.ifPresent(builder::graphqlWs);
    return builder.build();
  }

  TokenSource tokens(Consumer<DeviceCodeLogin.Prompt> prompts) {
    if (tokenFile.isPresent()) {
      return new TokenFile(tokenFile.get());
    }
    Login user = login.orElseThrow();
    return new DeviceCodeLogin(
        user.authority(), user.clientId(), user.scope(), prompts, Clock.systemUTC());
  }

  private static Supplier<Login> readLogin(Environment environment) {
    Supplier<URI> authority =
        environment.uri("ENTRA_AUTHORITY").orElse(URI.create("https://login.microsoftonline.com"));
    Supplier<String> tenant = environment.text(Variables.AZUREAD_TENANTID).required();
    Supplier<String> client = environment.text("CLIENT_ID").required();
    Supplier<Optional<String>> audience = environment.text(Variables.AZUREAD_AUDIENCE).optional();
    Supplier<Optional<String>> api = environment.text("API_CLIENT_ID").optional();
    if (!environment.has("API_CLIENT_ID") && !environment.has(Variables.AZUREAD_AUDIENCE)) {
      environment.mistake("API_CLIENT_ID is not set, expected the API's client id");
    }
    Supplier<String> scope = environment.text(Variables.AUTH_REQUIREDSCOPE).orElse("analysis");
    return () ->
        new Login(
            ofTenant(authority.get(), tenant.get()),
            client.get(),
            resource(api.get().orElse(null), audience.get().orElse("")) + "/" + scope.get());
  }

  private static String resource(@Nullable String apiClientId, String audience) {
    String api = apiClientId == null ? audience : apiClientId;
    return api.contains("://") ? api : "api://" + api;
  }

  private static URI ofTenant(URI authority, String tenant) {
    boolean isHostOnly = authority.getPath().isEmpty() || authority.getPath().equals("/");
    return isHostOnly ? authority.resolve("/" + tenant + "/") : authority;
  }

  private static Set<String> hosts(String text) {
    return Arrays.stream(text.split(","))
        .map(String::strip)
        .filter(host -> !host.isEmpty())
        .collect(Collectors.toUnmodifiableSet());
  }
}
