// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.auth;

import com.trackunit.fabric.auth.Audience;
import com.trackunit.fabric.auth.EntraTokenValidator;
import com.trackunit.fabric.auth.EntraTokenValidatorBuilder;
import com.trackunit.fabric.testkit.entra.App;
import com.trackunit.fabric.testkit.entra.EntraStandIn;
import com.trackunit.fabric.testkit.entra.SigningKey;
import com.trackunit.fabric.testkit.entra.TokenBuilder;
import com.trackunit.fabric.testkit.entra.TokenVersion;
import java.security.Provider;
import java.security.Security;
import java.time.Duration;
import java.util.stream.IntStream;
import okhttp3.OkHttpClient;
import org.conscrypt.Conscrypt;

/** A provider with eleven keys, one API, and a token of the usual size. */
final class Fixture implements AutoCloseable {
  private static final int KEYS = 11;

  /** A token with a few claims of its own. */
  private static final int TOKEN_LENGTH = 1_462;

  final EntraStandIn entra = EntraStandIn.start();
  final App api =
      entra
          .tenant()
          .register(App.builder("photos").scopes("analysis").tokenVersion(TokenVersion.V2).build());
  final OkHttpClient http =
      new OkHttpClient.Builder()
          .sslSocketFactory(entra.sslContext().getSocketFactory(), entra.trustManager())
          .build();
  final Provider provider;

  /**
   * @param provider {@code JDK} or {@code Conscrypt}
   */
  Fixture(String provider) {
    IntStream.range(entra.keys().size(), KEYS)
        .parallel()
        .mapToObj(i -> SigningKey.builder().build())
        .toList()
        .forEach(entra::publishKey);
    if (provider.equals("Conscrypt")) {
      this.provider = Conscrypt.newProvider();
    } else {
      this.provider = Security.getProvider("SunRsaSign");
    }
  }

  /**
   * Makes the provider everybody's first choice, also of peers that cannot be given one. Only after
   * the keys were fetched: the JDK's TLS does not start with Conscrypt in front.
   */
  void preferProvider() {
    Security.removeProvider(provider.getName());
    Security.insertProviderAt(provider, 1);
  }

  /** A good token of 1.4 kB. */
  String token() {
    return padded(entra.tokens(api));
  }

  /** Fills a token up to the usual size. */
  String padded(TokenBuilder token) {
    int missing = (TOKEN_LENGTH - token.mint().length()) * 3 / 4 - ",\"fill\":\"\"".length();
    return missing > 0 ? token.claim("fill", "x".repeat(missing)).mint() : token.mint();
  }

  EntraTokenValidatorBuilder validator(boolean hasCache) {
    return EntraTokenValidator.builder(
            entra.tenant().id(), Audience.of(api.appIdUri(), api.clientId().toString()))
        .authorityHost(entra.authority())
        .httpClient(http)
        .signatureProvider(provider)
        .tokenCache(hasCache ? 4096 : 0, Duration.ofHours(1))
        .fetchTimeout(Duration.ofMinutes(1));
  }

  String issuer() {
    return entra.issuer(entra.tenant(), TokenVersion.V2);
  }

  String audience() {
    return api.clientId().toString();
  }

  @Override
  public void close() {
    http.dispatcher().executorService().shutdown();
    http.connectionPool().evictAll();
    entra.close();
  }
}
