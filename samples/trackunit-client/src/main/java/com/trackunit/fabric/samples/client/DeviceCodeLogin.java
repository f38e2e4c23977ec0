// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.client;

import com.microsoft.aad.msal4j.DeviceCode;
import com.microsoft.aad.msal4j.DeviceCodeFlowParameters;
import com.microsoft.aad.msal4j.IAuthenticationResult;
import com.microsoft.aad.msal4j.MsalException;
import com.microsoft.aad.msal4j.PublicClientApplication;
import com.microsoft.aad.msal4j.SilentParameters;
import com.trackunit.fabric.core.Secret;
import com.trackunit.fabric.samples.client.TrackunitClientException.Reason;
import java.net.MalformedURLException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Signs a user in at Entra ID with the device code flow (RFC 8628) of MSAL4J, and keeps the token
 * fresh: from MSAL's cache and refresh token first, from the user again only when that fails.
 *
 * <p>Thread-safe: callers that ask while a sign-in is under way wait for that one. Trust comes from
 * the JVM ({@code javax.net.ssl.trustStore}).
 */
public final class DeviceCodeLogin implements TokenSource {
  private static final Set<String> CLOUDS =
      Set.of(
          "login.microsoftonline.com",
          "login.microsoftonline.us",
          "login.partner.microsoftonline.cn");
  private static final Duration SPARE = Duration.ofMinutes(1);

  private final PublicClientApplication application;
  private final Set<String> scopes;
  private final Consumer<Prompt> prompts;
  private final Clock clock;

  private final Object lock = new Object();
  private CompletableFuture<IAuthenticationResult> newest =
      CompletableFuture.failedFuture(new IllegalStateException("not signed in yet"));

  /**
   * What the user has to do. Immutable.
   *
   * @param where the page to open
   * @param code what to type there
   * @param within how long the code is good for
   */
  public record Prompt(URI where, String code, Duration within) {
    /** Checks that every part is there. */
    public Prompt {
      Objects.requireNonNull(where, "where");
      Objects.requireNonNull(code, "code");
      Objects.requireNonNull(within, "within");
    }
  }

  /**
   * A login; nothing is asked of anyone yet.
   *
   * @param authority the tenant at its authority host, such as {@code
   *     https://login.microsoftonline.com/<tenant id>}
   * @param clientId this application, as registered
   * @param scope such as {@code api://<API client id>/analysis}
   * @param prompts shows the user where to go; called on a thread of MSAL's
   * @param clock the wall clock that tokens expire by
   * @throws IllegalArgumentException if the authority is no https URL
   */
  public DeviceCodeLogin(
      URI authority, String clientId, String scope, Consumer<Prompt> prompts, Clock clock) {
    this.scopes = Set.of(scope);
    this.prompts = Objects.requireNonNull(prompts, "prompts");
    this.clock = Objects.requireNonNull(clock, "clock");
    try {
      PublicClientApplication.Builder builder = PublicClientApplication.builder(clientId);
      if (isEntra(authority)) {
        builder.authority(authority.toString());
      } else {
        // As an Entra authority a host that MSAL does not know would be asked about at Microsoft's
        // public cloud, and lose its port when a token is renewed (MSAL4J 1.26).
        builder.oidcAuthority(authority.toString().replaceFirst("/+$", "") + "/v2.0");
      }
      this.application = builder.build();
    } catch (MalformedURLException | IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "device code login: authority is "
              + authority
              + ", expected https://<authority host>/<tenant id>",
          e);
    }
  }

  private static boolean isEntra(URI authority) {
    String host = String.valueOf(authority.getHost()).toLowerCase(Locale.ROOT);
    return CLOUDS.contains(host) || host.endsWith(".ciamlogin.com");
  }

  @Override
  public Secret token(boolean renew) {
    CompletableFuture<IAuthenticationResult> asked;
    synchronized (lock) {
      if (newest.isDone() && (renew || !isFresh(newest))) {
        // Begins the flow only; the waiting is done without the lock.
        newest = begin(resultOf(newest));
      }
      asked = newest;
    }
    try {
      return Secret.of(asked.get().accessToken());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TrackunitClientException(Reason.INTERRUPTED, "sign-in: interrupted", e);
    } catch (ExecutionException e) {
      throw failed(e.getCause());
    }
  }

  private boolean isFresh(CompletableFuture<IAuthenticationResult> done) {
    IAuthenticationResult result = resultOf(done);
    return result != null
        && result.expiresOnDate().toInstant().isAfter(clock.instant().plus(SPARE));
  }

  private static @Nullable IAuthenticationResult resultOf(
      CompletableFuture<IAuthenticationResult> done) {
    return done.isCompletedExceptionally() ? null : done.join();
  }

  private CompletableFuture<IAuthenticationResult> begin(@Nullable IAuthenticationResult last) {
    if (last == null || last.account() == null) {
      return askUser();
    }
    try {
      return application
          .acquireTokenSilently(
              SilentParameters.builder(scopes, last.account()).forceRefresh(true).build())
          .exceptionallyCompose(refused -> askUser());
    } catch (MalformedURLException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private CompletableFuture<IAuthenticationResult> askUser() {
    return application.acquireToken(
        DeviceCodeFlowParameters.builder(scopes, code -> prompts.accept(prompt(code))).build());
  }

  private static Prompt prompt(DeviceCode code) {
    return new Prompt(
        URI.create(code.verificationUri()), code.userCode(), Duration.ofSeconds(code.expiresIn()));
  }

  private static TrackunitClientException failed(@Nullable Throwable cause) {
    Throwable real =
        cause instanceof CompletionException && cause.getCause() != null ? cause.getCause() : cause;
    String code =
        real instanceof MsalException known && known.errorCode() != null
            ? known.errorCode()
            : String.valueOf(real == null ? null : real.getClass().getSimpleName());
    return new TrackunitClientException(
        Reason.SIGN_IN,
        "sign-in: Entra ID gave no token ("
            + Json.quote(code)
            + "); check the authority, the client"
            + " id and the scope, or sign in again",
        real);
  }
}
