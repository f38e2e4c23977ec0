// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.entra;

/** What a client can ask of the stand-in; faults are set and requests are counted per endpoint. */
public enum Endpoint {
  /** {@code /{tenant}/.well-known/openid-configuration}. */
  DISCOVERY_V1,
  /** {@code /{tenant}/v2.0/.well-known/openid-configuration}. */
  DISCOVERY_V2,
  /** {@code /{tenant}/discovery/keys}. */
  KEYS_V1,
  /** {@code /{tenant}/discovery/v2.0/keys}. */
  KEYS_V2,
  /** {@code /{tenant}/oauth2/v2.0/token}. */
  TOKEN,
  /** {@code /{tenant}/oauth2/v2.0/devicecode}. */
  DEVICE_CODE,
  /** {@code /{tenant}/oauth2/deviceauth}, where a user enters the code. */
  DEVICE_APPROVAL,
  /** Everything else. */
  OTHER
}
