// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.trackunit.fabric.core.Secret;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Who we are, for a while.
 *
 * @param user the user name; with RabbitMQ's OAuth 2 backend it is not looked at, and may be empty
 * @param password its password, or the access token
 * @param expiresAt when it ends; null for never
 */
public record Credentials(String user, Secret password, @Nullable Instant expiresAt) {
  /** Checks that user and password are there. */
  public Credentials {
    Objects.requireNonNull(user, "user");
    Objects.requireNonNull(password, "password");
  }
}
