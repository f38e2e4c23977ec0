// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.client;

import com.trackunit.fabric.core.Secret;

/**
 * Where access tokens come from. Implementations are thread-safe: the HTTP calls and the
 * subscriptions ask from threads of their own.
 */
@FunctionalInterface
public interface TokenSource {
  /**
   * An access token for the gateway. May block, even for the minutes a user takes to sign in.
   *
   * @param renew true if the last one was refused: a cached one will not do
   * @return the token without {@code Bearer}
   * @throws TrackunitClientException if there is none
   */
  Secret token(boolean renew);
}
