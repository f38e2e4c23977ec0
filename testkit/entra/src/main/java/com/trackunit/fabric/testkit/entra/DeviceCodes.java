// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.entra;

import com.trackunit.fabric.core.Ticker;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The device logins under way (RFC 8628). Thread-safe. */
final class DeviceCodes {
  static final Duration LIFETIME = Duration.ofMinutes(15);

  /** Letters and digits that nobody confuses. */
  private static final String ALPHABET = "BCDFGHJKLMNPQRSTVWXZ23456789";

  private static final int USER_CODE_LENGTH = 9;
  private static final SecureRandom RANDOM = new SecureRandom();

  /** What became of a login. */
  enum State {
    PENDING,
    APPROVED,
    DECLINED
  }

  /** One login; its fields are guarded by the lock of the whole. */
  static final class Login {
    final String tenant;
    final App client;
    final Wish wish;
    final String deviceCode = Claims.random(48);
    final String userCode = userCode();
    private final Instant expiresAt;
    private State state = State.PENDING;
    private @Nullable User user;
    private long pauseNanos;
    private @Nullable Long lastPoll;

    private Login(String tenant, App client, Wish wish, Instant expiresAt, long pauseNanos) {
      this.tenant = tenant;
      this.client = client;
      this.wish = wish;
      this.expiresAt = expiresAt;
      this.pauseNanos = pauseNanos;
    }

    /**
     * Whether this poll comes too soon. Half the interval is forgiven: requests do not travel
     * equally fast.
     */
    private boolean polledTooSoon(long now) {
      boolean tooSoon = lastPoll != null && now - lastPoll < pauseNanos / 2;
      lastPoll = now;
      if (tooSoon) {
        pauseNanos += Duration.ofSeconds(5).toNanos(); // RFC 8628, section 3.5
      }
      return tooSoon;
    }
  }

  /** A login that a user approved. */
  record Approved(User user, Wish wish) {}

  private final Clock clock;
  private final Ticker ticker;
  private final Duration interval;
  private final Object lock = new Object();
  private final List<Login> logins = new ArrayList<>();

  DeviceCodes(Clock clock, Ticker ticker, Duration interval) {
    this.clock = clock;
    this.ticker = ticker;
    this.interval = interval;
  }

  Duration interval() {
    return interval;
  }

  Login begin(String tenant, App client, Wish wish) {
    Instant now = clock.instant();
    Login login = new Login(tenant, client, wish, now.plus(LIFETIME), interval.toNanos());
    synchronized (lock) {
      // Expired ones stay for a while, to be told that they are.
      logins.removeIf(old -> old.expiresAt.plus(LIFETIME).isBefore(now));
      logins.add(login);
    }
    return login;
  }

  /** Answers one poll; an approved login is handed out once. */
  Approved poll(App client, String deviceCode) {
    synchronized (lock) {
      Login login =
          logins.stream()
              .filter(it -> it.deviceCode.equals(deviceCode) && it.client.sameAs(client))
              .findFirst()
              .orElseThrow(
                  () ->
                      EntraError.badRequest(
                          "bad_verification_code", 70018, "The device code is not known."));
      if (clock.instant().isAfter(login.expiresAt)) {
        throw EntraError.badRequest("expired_token", 70020, "The device code has expired.");
      }
      boolean tooSoon = login.polledTooSoon(ticker.nanos());
      if (login.state == State.DECLINED) {
        throw EntraError.badRequest(
            "authorization_declined", 65004, "User declined to consent to access the app.");
      }
      User user = login.user;
      if (user == null) {
        throw tooSoon
            ? EntraError.badRequest("slow_down", 50196, "Polling too fast; wait longer.")
            : EntraError.badRequest(
                "authorization_pending",
                70016,
                "OAuth 2.0 device flow error. Authorization is pending. Continue polling.");
      }
      logins.remove(login);
      return new Approved(user, login.wish);
    }
  }

  /** True if the code was pending and the user may approve it. */
  boolean approve(String userCode, User user) {
    synchronized (lock) {
      Optional<Login> login = pending(userCode).filter(it -> mayApprove(it, user));
      login.ifPresent(
          it -> {
            it.state = State.APPROVED;
            it.user = user;
          });
      return login.isPresent();
    }
  }

  /** True if the code was pending. */
  boolean decline(String userCode) {
    synchronized (lock) {
      Optional<Login> login = pending(userCode);
      login.ifPresent(it -> it.state = State.DECLINED);
      return login.isPresent();
    }
  }

  private static boolean mayApprove(Login login, User user) {
    return Set.of("common", "organizations", user.tenant().toString()).contains(login.tenant);
  }

  private Optional<Login> pending(String userCode) {
    String entered = userCode.strip().toUpperCase(Locale.ROOT);
    Instant now = clock.instant();
    return logins.stream()
        .filter(it -> it.userCode.equals(entered) && it.state == State.PENDING)
        .filter(it -> !now.isAfter(it.expiresAt))
        .findFirst();
  }

  private static String userCode() {
    StringBuilder code = new StringBuilder(USER_CODE_LENGTH);
    for (int i = 0; i < USER_CODE_LENGTH; i++) {
      code.append(ALPHABET.charAt(RANDOM.nextInt(ALPHABET.length())));
    }
    return code.toString();
  }
}
