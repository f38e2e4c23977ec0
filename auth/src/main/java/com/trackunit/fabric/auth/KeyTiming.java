// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import java.time.Duration;

/**
 * When keys are fetched and how long they serve.
 *
 * @param refreshEvery from one success to the next fetch
 * @param maxAge how long keys serve after the fetch that brought them
 * @param unknownKidWindow at most one fetch in this time because of unknown kids
 * @param fetchTimeout the longest a fetch takes
 */
record KeyTiming(
    Duration refreshEvery, Duration maxAge, Duration unknownKidWindow, Duration fetchTimeout) {}
