// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.gateway;

import java.time.Instant;

/**
 * Who started an upload, as the replicas tell each other.
 *
 * @param objectKey made by the ingestion service
 * @param tid the owner's tenant
 * @param oid the owner's object id in it
 * @param correlationId the upload's
 * @param at when it was started
 */
record Ownership(String objectKey, String tid, String oid, String correlationId, Instant at) {
  /** Refuses what a decoder may hand in where a member is missing. */
  Ownership {
    if (objectKey == null || tid == null || oid == null || correlationId == null || at == null) {
      throw new IllegalArgumentException("a member is missing");
    }
  }

  Owner owner() {
    return new Owner(tid, oid);
  }
}
