// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

/**
 * Where credentials that change come from: a vault, a token endpoint. Thread-safe.
 *
 * <p>It is asked before each connection attempt, and again when two thirds of the time to {@link
 * Credentials#expiresAt} have passed; the new ones are then told to the broker on the open
 * connections. If it fails, it is asked again, more and more slowly, up to once in 30 seconds.
 */
@FunctionalInterface
public interface CredentialSource {
  /**
   * The credentials to use now. May block for as long as a connection attempt may take.
   *
   * @return fresh enough to connect with
   * @throws Exception if there are none now; the message must not hold a secret
   */
  Credentials credentials() throws Exception;
}
