// SPDX-License-Identifier: Apache-2.0
/** A Spring Boot application whose callers show Entra ID access tokens. */
@NullMarked
package com.trackunit.fabric.samples.auth.spring;

import org.jspecify.annotations.NullMarked;
