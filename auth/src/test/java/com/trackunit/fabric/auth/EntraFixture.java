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
  final EntraStandIn entra = EntraStandIn.start();
  final App api =
      entra
          .tenant()
          .register(
              App.builder("photos")
                  .scopes("analysis", "photos.read")
                  .appRoles("Photos.Read.All")
                  .tokenVersion(TokenVersion.V2)
                  .build());
  final OkHttpClient http =
      new OkHttpClient.Builder()
          .sslSocketFactory(entra.sslContext().getSocketFactory(), entra.trustManager())
          .build();

  EntraTokenValidatorBuilder validator() {
    return EntraTokenValidator.builder(
            entra.tenant().id(), Audience.of(api.appIdUri(), api.clientId().toString()))
        .authorityHost(entra.authority())
        .httpClient(http)
        .fetchTimeout(Duration.ofSeconds(30));
  }

  TokenBuilder token() {
    return entra.tokens(api);
  }

  @Override
  public void close() {
    http.dispatcher().executorService().shutdown();
    http.connectionPool().evictAll();
    entra.close();
  }
}
