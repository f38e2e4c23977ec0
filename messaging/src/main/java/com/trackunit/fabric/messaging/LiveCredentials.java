// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.rabbitmq.client.impl.CredentialsProvider;
import com.rabbitmq.client.impl.CredentialsRefreshService;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * The credentials of one connection. amqp-client lets nobody send {@code connection.update-secret}
 * but its refresh service, so this poses as one: it takes the action and runs it when told, and has
 * no timer.
 */
final class LiveCredentials implements CredentialsProvider, CredentialsRefreshService {
  private volatile Credentials now;
  private volatile @Nullable Callable<Boolean> update;

  LiveCredentials(Credentials first) {
    this.now = first;
  }

  /** Tells the broker; blocks for one protocol call. Without effect on fixed credentials. */
  void replace(Credentials fresh) throws Exception {
    now = fresh;
    Callable<Boolean> action = update;
    if (action != null) {
      Boolean unused = action.call();
    }
  }

  @Override
  public String getUsername() {
    return now.user();
  }

  @Override
  public String getPassword() {
    return now.password().reveal();
  }

  /** Only whether there is an end matters here: amqp-client registers no action without one. */
  @Override
  @SuppressWarnings("NullAway") // null means never, as the interface has it
  public Duration getTimeBeforeExpiration() {
    return now.expiresAt() == null ? null : Duration.ofDays(1);
  }

  @Override
  public String register(CredentialsProvider provider, Callable<Boolean> refreshAction) {
    update = refreshAction;
    return "live";
  }

  @Override
  public void unregister(CredentialsProvider provider, String registrationId) {
    update = null;
  }

  @Override
  public boolean isApproachingExpiration(Duration timeBeforeExpiration) {
    return false;
  }
}
