// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import com.trackunit.fabric.testkit.entra.App;
import com.trackunit.fabric.testkit.entra.EntraStandIn;
import com.trackunit.fabric.testkit.entra.TokenBuilder;
import com.trackunit.fabric.testkit.entra.TokenVersion;
import java.time.Duration;
import okhttp3.OkHttpClient;

/** An Entra stand-in, an API registered there, and an OkHttp client that trusts it. */
final class EntraFixture implements AutoCloseable {
  final EntraStandIn entra;
  final App api;
  final OkHttpClient http;

  EntraFixture() {
    this(EntraStandIn.builder());
  }

  EntraFixture(EntraStandIn.Builder options) {
    this.entra = options.start();
    this.api =
        entra
            .tenant()
            .register(
                App.builder("photos")
                    .scopes("analysis", "photos.read")
                    .appRoles("Photos.Read.All")
                    .tokenVersion(TokenVersion.V2)
                    .build());
    this.http =
        new OkHttpClient.Builder()
            .sslSocketFactory(entra.sslContext().getSocketFactory(), entra.trustManager())
            .build();
  }

  EntraTokenValidatorBuilder validator() {
    return validator(Tenants.only(entra.tenant().id()));
  }

  EntraTokenValidatorBuilder validator(Tenants tenants) {
    return EntraTokenValidator.builder(
            tenants, Audience.of(api.appIdUri(), api.clientId().toString()))
        .authorityHost(entra.authority())
        .httpClient(http)
        .fetchTimeout(Duration.ofSeconds(30));
  }

  TokenBuilder token() {
    return entra.tokens(api);
  }

  /** {@code accepted}, or the code of the refusal. */
  static String verdict(EntraTokenValidator by, String token) {
    try {
      by.validate(token);
      return "accepted";
    } catch (AuthException e) {
      return e.reason().code();
    }
  }

  @Override
  public void close() {
    http.dispatcher().executorService().shutdown();
    http.connectionPool().evictAll();
    entra.close();
  }
}
